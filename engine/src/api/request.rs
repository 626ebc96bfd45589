//! Reading the members of a request; errors are worded as AWS words them.

use serde_json::Value;

use crate::{clock::Timestamp, error::ApiError};

/// A required string, not empty.
pub(crate) fn text<'r>(request: &'r Value, name: &str) -> Result<&'r str, ApiError> {
    match optional_text(request, name)? {
        Some("") => Err(constraint_violation(name, "", "Member must have length greater than or equal to 1")),
        Some(text) => Ok(text),
        None => Err(constraint_violation(name, "null", "Member must not be null")),
    }
}

/// An optional string.
pub(crate) fn optional_text<'r>(request: &'r Value, name: &str) -> Result<Option<&'r str>, ApiError> {
    match request.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong_type(name, "a string")),
    }
}

/// An optional boolean.
pub(crate) fn optional_bool(request: &Value, name: &str) -> Result<Option<bool>, ApiError> {
    match request.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(*truth)),
        Some(_) => Err(wrong_type(name, "a boolean")),
    }
}

/// A required list, not empty.
pub(crate) fn list<'r>(request: &'r Value, name: &str) -> Result<&'r [Value], ApiError> {
    match request.get(name) {
        None | Some(Value::Null) => Err(constraint_violation(name, "null", "Member must not be null")),
        Some(Value::Array(items)) if items.is_empty() => {
            Err(constraint_violation(name, "[]", "Member must have length greater than or equal to 1"))
        }
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(wrong_type(name, "a list")),
    }
}

/// An optional time in seconds since the epoch, as the JSON protocols send it.
pub(crate) fn optional_time(request: &Value, name: &str) -> Result<Option<Timestamp>, ApiError> {
    match request.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64() {
            Some(seconds) => Ok(Some(Timestamp((seconds * 1000.0).round() as i64))),
            None => Err(wrong_type(name, "a number of seconds")),
        },
    }
}

/// An optional whole number between `min` and `max`.
pub(crate) fn optional_integer(request: &Value, name: &str, min: i64, max: i64) -> Result<Option<i64>, ApiError> {
    let value = match request.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let Some(number) = value.as_i64() else { return Err(wrong_type(name, "a whole number")) };
    if number < min {
        let rule = format!("Member must have value greater than or equal to {min}");
        return Err(constraint_violation(name, &number.to_string(), &rule));
    }
    if number > max {
        let rule = format!("Member must have value less than or equal to {max}");
        return Err(constraint_violation(name, &number.to_string(), &rule));
    }
    Ok(Some(number))
}

/// AWS's error for a member that violates a constraint.
pub(crate) fn constraint_violation(name: &str, value: &str, rule: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {rule}"
    ))
}

fn wrong_type(name: &str, expected: &str) -> ApiError {
    ApiError::client("SerializationException", format!("The member {name} must be {expected}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_limit_that_is_too_large_is_refused_in_the_words_of_aws() {
        let error = optional_integer(&json!({ "maxResults": 1001 }), "maxResults", 0, 1000).unwrap_err();
        assert_eq!(
            error.message,
            "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: \
             Member must have value less than or equal to 1000"
        );
    }
}
