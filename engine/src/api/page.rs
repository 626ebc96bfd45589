//! Pages of lists: the limit and the token of a request, and the token of the next page.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    api::request::{optional_integer, optional_text},
    error::ApiError,
};

/// One page of a list that is ordered by `place`: how many items at most, and behind which one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) size: usize,
    /// The place of the last item of the page before.
    pub(crate) after: Option<String>,
}

impl Page {
    /// Reads the members that AWS calls `limit` and `token` in this service. A limit of 0 means the default.
    pub(crate) fn of(request: &Value, limit: &str, token: &str, default: i64, most: i64) -> Result<Self, ApiError> {
        let size = optional_integer(request, limit, 0, most)?.filter(|size| *size > 0).unwrap_or(default);
        let after = match optional_text(request, token)? {
            None => None,
            Some(text) => {
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                Some(bytes.ok_or_else(|| ApiError::client("InvalidToken", "Invalid Token: 'Invalid token'"))?)
            }
        };
        Ok(Self { size: usize::try_from(size).unwrap_or(0), after })
    }

    /// Cuts what was read beyond the page and returns the token of the next one. `items` holds one more than the page
    /// when there is a next one.
    pub(crate) fn cut<T>(&self, items: &mut Vec<T>, place: impl Fn(&T) -> String) -> Option<String> {
        if items.len() <= self.size {
            return None;
        }
        items.truncate(self.size);
        items.last().map(|last| BASE64_URL_SAFE_NO_PAD.encode(place(last)))
    }

    /// How many items to read to know whether there is a next page.
    pub(crate) fn reach(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_token_leads_to_the_next_page() {
        let first = Page::of(&json!({ "Limit": 2 }), "Limit", "NextToken", 100, 100).unwrap();
        let mut items = vec!["a", "b", "c"];
        let token = first.cut(&mut items, |item| (*item).to_owned()).unwrap();
        assert_eq!(items, ["a", "b"]);
        let next = Page::of(&json!({ "Limit": 2, "NextToken": token }), "Limit", "NextToken", 100, 100).unwrap();
        assert_eq!(next.after.as_deref(), Some("b"));
        assert_eq!(next.cut(&mut vec!["c"], |item| (*item).to_owned()), None);
    }
}
