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
    let mut faults = Vec::new();
    if let Value::Object(given) = request {
        structure(given, members, "", &mut faults)?;
    }
    if faults.is_empty() {
        return Ok(());
    }
    let noun = if faults.len() == 1 { "error" } else { "errors" };
    Err(ApiError::validation(format!("{} validation {noun} detected: {}", faults.len(), faults.join("; "))))
}

fn structure(
    given: &Map<String, Value>,
    members: &[Member],
    above: &str,
    faults: &mut Vec<String>,
) -> Result<(), ApiError> {
    for member in members {
        let place = format!("{above}{}", spelled(member.name));
        match given.get(member.name) {
            None | Some(Value::Null) if member.is_required => {
                faults.push(fault("Value null", &place, "Member must not be null"));
            }
            None | Some(Value::Null) => {}
            Some(value) => member.shape.check(value, &place, faults)?,
        }
    }
    Ok(())
}

impl Shape {
    fn check(self, value: &Value, place: &str, faults: &mut Vec<String>) -> Result<(), ApiError> {
        match (self, value) {
            (Self::String(least, most), Value::String(text)) => {
                faults.extend(length(text, least, most).map(|rule| fault(&format!("Value '{text}'"), place, &rule)));
            }
            (Self::Sensitive(least, most), Value::String(text)) => {
                faults.extend(length(text, least, most).map(|rule| fault("Value", place, &rule)));
            }
            (Self::Pattern(most, pattern, follows), Value::String(text)) => {
                let value = format!("Value '{text}'");
                if !follows(text) {
                    let rule = format!("Member must satisfy regular expression pattern: {pattern}");
                    faults.push(fault(&value, place, &rule));
                }
                faults.extend(length(text, 1, most).map(|rule| fault(&value, place, &rule)));
            }
            (Self::Enum(words), Value::String(text)) => {
                if !words.contains(&text.as_str()) {
                    let rule = format!("Member must satisfy enum value set: [{}]", words.join(", "));
                    faults.push(fault(&format!("Value '{text}'"), place, &rule));
                }
            }
            (Self::Integer(least, most), Value::Number(number)) => {
                let Some(number) = number.as_i64() else { return Err(wrong_type(place, "a whole number")) };
                let broken = match number {
                    number if number < least => {
                        Some(format!("Member must have value greater than or equal to {least}"))
                    }
                    number if number > most => Some(format!("Member must have value less than or equal to {most}")),
                    _ => None,
                };
                faults.extend(broken.map(|rule| fault(&format!("Value '{number}'"), place, &rule)));
            }
            (Self::Boolean, Value::Bool(_)) => {}
            (Self::List(shape), Value::Array(items)) => {
                for (number, item) in (1..).zip(items) {
                    shape.check(item, &format!("{place}.{number}.member"), faults)?;
                }
            }
            (Self::Structure(members), Value::Object(given)) => {
                structure(given, members, &format!("{place}."), faults)?
            }
            (Self::StructureList(members), Value::Array(items)) => {
                for (number, item) in (1..).zip(items) {
                    let Value::Object(given) = item else { return Err(wrong_type(place, "a list of structures")) };
                    structure(given, members, &format!("{place}.{number}.member."), faults)?;
                }
            }
            (shape, _) => return Err(wrong_type(place, shape.wanted())),
        }
        Ok(())
    }

    fn wanted(self) -> &'static str {
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
fn spelled(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// The length constraint that a string violates, if any.
fn length(text: &str, least: usize, most: usize) -> Option<String> {
    // A string never has more UTF-16 code units than bytes, so most strings need no count.
    if text.len() > most && text.encode_utf16().count() > most {
        return Some(format!("Member must have length less than or equal to {most}"));
    }
    (text.is_empty() && least > 0).then(|| format!("Member must have length greater than or equal to {least}"))
}

fn fault(value: &str, place: &str, rule: &str) -> String {
    format!("{value} at '{place}' failed to satisfy constraint: {rule}")
}

fn wrong_type(place: &str, wanted: &str) -> ApiError {
    ApiError::client("SerializationException", format!("The member {place} must be {wanted}."))
}
