//! Pages of lists: the limit and the token of a request, and the token of the next page.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    api::request::{optional_integer, optional_text},
    error::ApiError,
};

/// One page of a list that is ordered by a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) size: usize,
    /// The key of the last item of the previous page.
    pub(crate) after: Option<String>,
}

impl Page {
    /// Reads the members that the service calls `limit` and `token`. A limit of 0 means the default.
    pub(crate) fn parse(request: &Value, limit: &str, token: &str, default: i64, max: i64) -> Result<Self, ApiError> {
        let size = optional_integer(request, limit, 0, max)?.filter(|size| *size > 0).unwrap_or(default);
        let after = match optional_text(request, token)? {
            None => None,
            Some(text) => {
                let key = BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                Some(key.ok_or_else(|| ApiError::client("InvalidToken", "Invalid Token: 'Invalid token'"))?)
            }
        };
        Ok(Self { size: usize::try_from(size).unwrap_or(0), after })
    }

    /// Truncates `items` to the page and returns the token of the next one. `items` has one item more than the page if
    /// there is a next page.
    pub(crate) fn next_token<T>(&self, items: &mut Vec<T>, key: impl Fn(&T) -> String) -> Option<String> {
        if items.len() <= self.size {
            return None;
        }
        items.truncate(self.size);
        items.last().map(|last| BASE64_URL_SAFE_NO_PAD.encode(key(last)))
    }

    /// How many items to read to find out whether there is a next page.
    pub(crate) fn fetch_limit(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_token_leads_to_the_next_page() {
        let first = Page::parse(&json!({ "Limit": 2 }), "Limit", "NextToken", 100, 100).unwrap();
        let mut items = vec!["a", "b", "c"];
        let token = first.next_token(&mut items, |item| (*item).to_owned()).unwrap();
        assert_eq!(items, ["a", "b"]);
        let next = Page::parse(&json!({ "Limit": 2, "NextToken": token }), "Limit", "NextToken", 100, 100).unwrap();
        assert_eq!(next.after.as_deref(), Some("b"));
        assert_eq!(next.next_token(&mut vec!["c"], |item| (*item).to_owned()), None);
    }
}
