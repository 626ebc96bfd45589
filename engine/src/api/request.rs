//! Reading the members of a request, with AWS's words when one is missing or wrong.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{clock::Timestamp, error::ApiError};

/// A text that must be there and not be empty.
pub(crate) fn text<'r>(request: &'r Value, name: &str) -> Result<&'r str, ApiError> {
    match optional_text(request, name)? {
        Some("") => Err(constraint(name, "", "Member must have length greater than or equal to 1")),
        Some(text) => Ok(text),
        None => Err(constraint(name, "null", "Member must not be null")),
    }
}

/// A text that may be absent.
pub(crate) fn optional_text<'r>(request: &'r Value, name: &str) -> Result<Option<&'r str>, ApiError> {
    match request.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong_type(name, "a string")),
    }
}

/// A truth value that may be absent.
pub(crate) fn optional_bool(request: &Value, name: &str) -> Result<Option<bool>, ApiError> {
    match request.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(*truth)),
        Some(_) => Err(wrong_type(name, "a boolean")),
    }
}

/// A list that must be there and not be empty.
pub(crate) fn list<'r>(request: &'r Value, name: &str) -> Result<&'r [Value], ApiError> {
    match request.get(name) {
        None | Some(Value::Null) => Err(constraint(name, "null", "Member must not be null")),
        Some(Value::Array(items)) if items.is_empty() => {
            Err(constraint(name, "[]", "Member must have length greater than or equal to 1"))
        }
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(wrong_type(name, "a list")),
    }
}

/// A point in time in seconds since the epoch, as the JSON protocols send it.
pub(crate) fn optional_time(request: &Value, name: &str) -> Result<Option<Timestamp>, ApiError> {
    match request.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64() {
            Some(seconds) => Ok(Some(Timestamp((seconds * 1000.0).round() as i64))),
            None => Err(wrong_type(name, "a number of seconds")),
        },
    }
}

/// A whole number between `least` and `most` that may be absent.
pub(crate) fn optional_integer(request: &Value, name: &str, least: i64, most: i64) -> Result<Option<i64>, ApiError> {
    let value = match request.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let Some(number) = value.as_i64() else { return Err(wrong_type(name, "a whole number")) };
    if number < least {
        let rule = format!("Member must have value greater than or equal to {least}");
        return Err(constraint(name, &number.to_string(), &rule));
    }
    if number > most {
        let rule = format!("Member must have value less than or equal to {most}");
        return Err(constraint(name, &number.to_string(), &rule));
    }
    Ok(Some(number))
}

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

/// AWS's words for a member that breaks a rule of its model.
pub(crate) fn constraint(name: &str, value: &str, rule: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {rule}"
    ))
}

fn wrong_type(name: &str, wanted: &str) -> ApiError {
    ApiError::client("SerializationException", format!("The member {name} must be {wanted}."))
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

    #[test]
    fn a_limit_beyond_the_rule_is_refused_in_the_words_of_aws() {
        let error = optional_integer(&json!({ "maxResults": 1001 }), "maxResults", 0, 1000).unwrap_err();
        assert_eq!(
            error.message,
            "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: \
             Member must have value less than or equal to 1000"
        );
    }
}
