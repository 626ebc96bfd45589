//! The shapes of request members, as AWS's service models (Smithy) define them, and the validation of a request
//! against them.
//!
//! AWS validates all members before anything else and reports every violation in one error, in its own words.

use serde_json::{Map, Value};

use crate::error::ApiError;

/// The type of a member and the constraints on its value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A string with its minimum and maximum length in UTF-16 code units, as AWS counts.
    String(usize, usize),
    /// A string like [`Shape::String`] whose value no error message repeats.
    Sensitive(usize, usize),
    /// A string with its maximum length, the pattern that AWS names in the error, and the function that checks it.
    Pattern(usize, &'static str, fn(&str) -> bool),
    /// An enum; the values in the order in which AWS lists them in the error.
    Enum(&'static [&'static str]),
    /// A whole number with its minimum and maximum.
    Integer(i64, i64),
    /// A boolean.
    Boolean,
    /// A list whose elements have this shape.
    List(&'static Shape),
    /// A structure; members that are not listed are ignored.
    Structure(&'static [Member]),
    /// A list of structures.
    StructureList(&'static [Member]),
}

/// A member of a request or of a structure in a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    name: &'static str,
    is_required: bool,
    shape: Shape,
}

pub(crate) const fn required(name: &'static str, shape: Shape) -> Member {
    Member { name, is_required: true, shape }
}

pub(crate) const fn optional(name: &'static str, shape: Shape) -> Member {
    Member { name, is_required: false, shape }
}

/// Validates the members of a request.
///
/// # Errors
/// `SerializationException` for a member of the wrong type, otherwise a `ValidationException` that lists every violation.
pub(crate) fn validate(request: &Value, members: &[Member]) -> Result<(), ApiError> {
    let mut violations = Vec::new();
    if let Value::Object(given) = request {
        validate_structure(given, members, "", &mut violations)?;
    }
    if violations.is_empty() {
        return Ok(());
    }
    let noun = if violations.len() == 1 { "error" } else { "errors" };
    Err(ApiError::validation(format!("{} validation {noun} detected: {}", violations.len(), violations.join("; "))))
}

fn validate_structure(
    given: &Map<String, Value>,
    members: &[Member],
    above: &str,
    violations: &mut Vec<String>,
) -> Result<(), ApiError> {
    for member in members {
        let path = format!("{above}{}", camel_case(member.name));
        match given.get(member.name) {
            None | Some(Value::Null) if member.is_required => {
                violations.push(violation("Value null", &path, "Member must not be null"));
            }
            None | Some(Value::Null) => {}
            Some(value) => member.shape.validate(value, &path, violations)?,
        }
    }
    Ok(())
}

impl Shape {
    fn validate(self, value: &Value, path: &str, violations: &mut Vec<String>) -> Result<(), ApiError> {
        match (self, value) {
            (Self::String(min, max), Value::String(text)) => {
                violations.extend(
                    length_violation(text, min, max).map(|rule| violation(&format!("Value '{text}'"), path, &rule)),
                );
            }
            (Self::Sensitive(min, max), Value::String(text)) => {
                violations.extend(length_violation(text, min, max).map(|rule| violation("Value", path, &rule)));
            }
            (Self::Pattern(max, pattern, matches), Value::String(text)) => {
                let value = format!("Value '{text}'");
                if !matches(text) {
                    let rule = format!("Member must satisfy regular expression pattern: {pattern}");
                    violations.push(violation(&value, path, &rule));
                }
                violations.extend(length_violation(text, 1, max).map(|rule| violation(&value, path, &rule)));
            }
            (Self::Enum(values), Value::String(text)) => {
                if !values.contains(&text.as_str()) {
                    let rule = format!("Member must satisfy enum value set: [{}]", values.join(", "));
                    violations.push(violation(&format!("Value '{text}'"), path, &rule));
                }
            }
            (Self::Integer(min, max), Value::Number(number)) => {
                let Some(number) = number.as_i64() else { return Err(wrong_type(path, "a whole number")) };
                let broken = match number {
                    number if number < min => Some(format!("Member must have value greater than or equal to {min}")),
                    number if number > max => Some(format!("Member must have value less than or equal to {max}")),
                    _ => None,
                };
                violations.extend(broken.map(|rule| violation(&format!("Value '{number}'"), path, &rule)));
            }
            (Self::Boolean, Value::Bool(_)) => {}
            (Self::List(shape), Value::Array(items)) => {
                for (number, item) in (1..).zip(items) {
                    shape.validate(item, &format!("{path}.{number}.member"), violations)?;
                }
            }
            (Self::Structure(members), Value::Object(given)) => {
                validate_structure(given, members, &format!("{path}."), violations)?
            }
            (Self::StructureList(members), Value::Array(items)) => {
                for (number, item) in (1..).zip(items) {
                    let Value::Object(given) = item else { return Err(wrong_type(path, "a list of structures")) };
                    validate_structure(given, members, &format!("{path}.{number}.member."), violations)?;
                }
            }
            (shape, _) => return Err(wrong_type(path, shape.type_name())),
        }
        Ok(())
    }

    fn type_name(self) -> &'static str {
        match self {
            Self::String(..) | Self::Sensitive(..) | Self::Pattern(..) | Self::Enum(_) => "a string",
            Self::Integer(..) => "a whole number",
            Self::Boolean => "a boolean",
            Self::List(_) | Self::StructureList(_) => "a list",
            Self::Structure(_) => "a structure",
        }
    }
}

/// Error messages spell member names with a lower-case first letter, even for EventBridge.
fn camel_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// The length constraint that a string violates, if any.
fn length_violation(text: &str, min: usize, max: usize) -> Option<String> {
    // A string never has more UTF-16 code units than bytes, so most strings need no count.
    if text.len() > max && text.encode_utf16().count() > max {
        return Some(format!("Member must have length less than or equal to {max}"));
    }
    (text.is_empty() && min > 0).then(|| format!("Member must have length greater than or equal to {min}"))
}

fn violation(value: &str, path: &str, rule: &str) -> String {
    format!("{value} at '{path}' failed to satisfy constraint: {rule}")
}

fn wrong_type(path: &str, type_name: &str) -> ApiError {
    ApiError::client("SerializationException", format!("The member {path} must be {type_name}."))
}
