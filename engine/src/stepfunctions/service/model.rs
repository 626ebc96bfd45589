//! What AWS's model of the service says of the members of each request, and AWS's words when a request breaks it.
//!
//! AWS looks at the members before it looks at anything else, and tells all that is wrong at once.

use serde_json::{Map, Value};

use crate::error::ApiError;

/// What the model says of a member.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// Text with its least and greatest length in UTF-16 units, as AWS counts.
    Text(usize, usize),
    /// Text that no error shows.
    Secret(usize, usize),
    /// Text with its greatest length, AWS's pattern for it, and whether a text follows that.
    Named(usize, &'static str, fn(&str) -> bool),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number between two others.
    Integer(i64, i64),
    Flag,
    Texts(&'static Rule),
    Structure(&'static [Member]),
    Structures(&'static [Member]),
}

/// A member of a request or of a structure in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    name: &'static str,
    is_required: bool,
    rule: Rule,
}

pub(crate) const fn required(name: &'static str, rule: Rule) -> Member {
    Member { name, is_required: true, rule }
}

pub(crate) const fn optional(name: &'static str, rule: Rule) -> Member {
    Member { name, is_required: false, rule }
}

const ARN: Rule = Rule::Text(1, 256);
const NAME: Rule = Rule::Text(1, 80);
const DEFINITION: Rule = Rule::Secret(1, 1_048_576);
const DATA: Rule = Rule::Secret(0, 262_144);
const ERROR: Rule = Rule::Secret(0, 256);
const CAUSE: Rule = Rule::Secret(0, 32_768);
const TOKEN: Rule = Rule::Text(1, 2_048);
// The words of an enum stand in the order in which AWS tells them.
const TYPE: Rule = Rule::OneOf(&["EXPRESS", "STANDARD"]);
const INCLUDED_DATA: Rule = Rule::OneOf(&["METADATA_ONLY", "ALL_DATA"]);
const PAGE: [Member; 2] =
    [optional("maxResults", Rule::Integer(0, 1_000)), optional("nextToken", Rule::Text(1, 1_024))];
const TAG_KEY: Rule = Rule::Text(1, 128);
const TAGS: Rule = Rule::Structures(&[optional("key", TAG_KEY), optional("value", Rule::Text(0, 256))]);
const LOGGING: Member = optional(
    "loggingConfiguration",
    Rule::Structure(&[
        optional("level", Rule::OneOf(&["ALL", "ERROR", "FATAL", "OFF"])),
        optional("includeExecutionData", Rule::Flag),
        optional("destinations", Rule::Structures(&[])),
    ]),
);
const TRACING: Member = optional("tracingConfiguration", Rule::Structure(&[optional("enabled", Rule::Flag)]));
const ENCRYPTION: Member = optional(
    "encryptionConfiguration",
    Rule::Structure(&[
        required("type", Rule::OneOf(&["CUSTOMER_MANAGED_KMS_KEY", "AWS_OWNED_KEY"])),
        optional("kmsKeyId", Rule::Text(1, 2_048)),
        optional("kmsDataKeyReusePeriodSeconds", Rule::Integer(60, 900)),
    ]),
);
const PUBLISH: Member = optional("publish", Rule::Flag);
const VERSION_DESCRIPTION: Member = optional("versionDescription", Rule::Text(0, 256));

pub(super) const CREATE_STATE_MACHINE: &[Member] = &[
    required("name", NAME),
    required("definition", DEFINITION),
    required("roleArn", ARN),
    optional("type", TYPE),
    LOGGING,
    optional("tags", TAGS),
    TRACING,
    PUBLISH,
    VERSION_DESCRIPTION,
    ENCRYPTION,
];
pub(super) const UPDATE_STATE_MACHINE: &[Member] = &[
    required("stateMachineArn", ARN),
    optional("definition", DEFINITION),
    optional("roleArn", ARN),
    LOGGING,
    TRACING,
    PUBLISH,
    VERSION_DESCRIPTION,
    ENCRYPTION,
];
pub(super) const DELETE_STATE_MACHINE: &[Member] = &[required("stateMachineArn", ARN)];
pub(super) const DESCRIBE_STATE_MACHINE: &[Member] =
    &[required("stateMachineArn", ARN), optional("includedData", INCLUDED_DATA)];
/// DescribeExecution and DescribeStateMachineForExecution.
pub(super) const DESCRIBE_EXECUTION: &[Member] =
    &[required("executionArn", ARN), optional("includedData", INCLUDED_DATA)];
pub(super) const LIST_STATE_MACHINES: &[Member] = &PAGE;
pub(super) const VALIDATE_DEFINITION: &[Member] = &[
    required("definition", DEFINITION),
    optional("type", TYPE),
    optional("severity", Rule::OneOf(&["ERROR", "WARNING"])),
    optional("maxResults", Rule::Integer(0, 100)),
];
pub(super) const START_EXECUTION: &[Member] = &[
    required("stateMachineArn", ARN),
    optional("name", NAME),
    optional("input", DATA),
    optional("traceHeader", Rule::Text(0, 256)),
];
pub(super) const STOP_EXECUTION: &[Member] =
    &[required("executionArn", ARN), optional("error", ERROR), optional("cause", CAUSE)];
pub(super) const LIST_EXECUTIONS: &[Member] = &[
    optional("stateMachineArn", ARN),
    optional(
        "statusFilter",
        Rule::OneOf(&["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"]),
    ),
    optional("maxResults", Rule::Integer(0, 1_000)),
    optional("nextToken", Rule::Text(1, 3_096)),
    optional("mapRunArn", Rule::Text(1, 2_000)),
    optional("redriveFilter", Rule::OneOf(&["REDRIVEN", "NOT_REDRIVEN"])),
];
pub(super) const GET_EXECUTION_HISTORY: &[Member] = &[
    required("executionArn", ARN),
    optional("maxResults", Rule::Integer(0, 1_000)),
    optional("reverseOrder", Rule::Flag),
    optional("nextToken", Rule::Text(1, 1_024)),
    optional("includeExecutionData", Rule::Flag),
];
pub(super) const SEND_TASK_SUCCESS: &[Member] = &[required("taskToken", TOKEN), required("output", DATA)];
pub(super) const SEND_TASK_FAILURE: &[Member] =
    &[required("taskToken", TOKEN), optional("error", ERROR), optional("cause", CAUSE)];
pub(super) const SEND_TASK_HEARTBEAT: &[Member] = &[required("taskToken", TOKEN)];
pub(super) const TAG_RESOURCE: &[Member] = &[required("resourceArn", ARN), required("tags", TAGS)];
pub(super) const UNTAG_RESOURCE: &[Member] =
    &[required("resourceArn", ARN), required("tagKeys", Rule::Texts(&TAG_KEY))];
pub(super) const LIST_TAGS_FOR_RESOURCE: &[Member] = &[required("resourceArn", ARN)];

/// Compares a request with the model.
///
/// # Errors
/// `SerializationException` for a member of a wrong type, otherwise `ValidationException` with all that is wrong.
pub(crate) fn check(request: &Value, members: &[Member]) -> Result<(), ApiError> {
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
            Some(value) => member.rule.check(value, &place, faults)?,
        }
    }
    Ok(())
}

impl Rule {
    fn check(self, value: &Value, place: &str, faults: &mut Vec<String>) -> Result<(), ApiError> {
        match (self, value) {
            (Self::Text(least, most), Value::String(text)) => {
                faults.extend(length(text, least, most).map(|rule| fault(&format!("Value '{text}'"), place, &rule)));
            }
            (Self::Secret(least, most), Value::String(text)) => {
                faults.extend(length(text, least, most).map(|rule| fault("Value", place, &rule)));
            }
            (Self::Named(most, pattern, follows), Value::String(text)) => {
                let value = format!("Value '{text}'");
                if !follows(text) {
                    let rule = format!("Member must satisfy regular expression pattern: {pattern}");
                    faults.push(fault(&value, place, &rule));
                }
                faults.extend(length(text, 1, most).map(|rule| fault(&value, place, &rule)));
            }
            (Self::OneOf(words), Value::String(text)) => {
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
            (Self::Flag, Value::Bool(_)) => {}
            (Self::Texts(rule), Value::Array(items)) => {
                for (number, item) in (1..).zip(items) {
                    rule.check(item, &format!("{place}.{number}.member"), faults)?;
                }
            }
            (Self::Structure(members), Value::Object(given)) => {
                structure(given, members, &format!("{place}."), faults)?
            }
            (Self::Structures(members), Value::Array(items)) => {
                for (number, item) in (1..).zip(items) {
                    let Value::Object(given) = item else { return Err(wrong_type(place, "a list of structures")) };
                    structure(given, members, &format!("{place}.{number}.member."), faults)?;
                }
            }
            (rule, _) => return Err(wrong_type(place, rule.wanted())),
        }
        Ok(())
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Text(..) | Self::Secret(..) | Self::Named(..) | Self::OneOf(_) => "a string",
            Self::Integer(..) => "a whole number",
            Self::Flag => "a boolean",
            Self::Texts(_) | Self::Structures(_) => "a list",
            Self::Structure(_) => "a structure",
        }
    }
}

/// AWS's errors spell members with a small first letter, also those of EventBridge.
fn spelled(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// The rule on its length that a text breaks.
fn length(text: &str, least: usize, most: usize) -> Option<String> {
    // A text has at most as many UTF-16 units as bytes; so most texts need not be counted.
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(request: &Value, members: &[Member]) -> String {
        check(request, members).unwrap_err().message
    }

    #[test]
    fn a_broken_constraint_is_told_in_the_words_of_aws() {
        for (request, members, words) in [
            (
                json!({}),
                SEND_TASK_HEARTBEAT,
                "Value null at 'taskToken' failed to satisfy constraint: Member must not be null",
            ),
            (
                json!({ "maxResults": 1001 }),
                LIST_STATE_MACHINES,
                "Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
            ),
            (
                json!({ "stateMachineArn": "a", "statusFilter": "succeeded" }),
                LIST_EXECUTIONS,
                "Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: \
                 [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
            ),
            (
                json!({ "taskToken": "" }),
                SEND_TASK_HEARTBEAT,
                "Value '' at 'taskToken' failed to satisfy constraint: Member must have length greater than or equal to 1",
            ),
            (
                json!({ "resourceArn": "a", "tags": [{ "key": "a" }, { "key": "" }] }),
                TAG_RESOURCE,
                "Value '' at 'tags.2.member.key' failed to satisfy constraint: \
                 Member must have length greater than or equal to 1",
            ),
        ] {
            assert_eq!(message(&request, members), format!("1 validation error detected: {words}"));
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        assert_eq!(
            message(&json!({ "name": "x".repeat(81), "roleArn": "r" }), CREATE_STATE_MACHINE),
            format!(
                "2 validation errors detected: Value '{}' at 'name' failed to satisfy constraint: Member must have \
                 length less than or equal to 80; Value null at 'definition' failed to satisfy constraint: Member must \
                 not be null",
                "x".repeat(81)
            )
        );
    }

    #[test]
    fn what_a_task_returned_is_not_shown_in_an_error() {
        let request = json!({ "taskToken": "t", "output": "s".repeat(262_145) });
        let message = message(&request, SEND_TASK_SUCCESS);
        assert!(message.starts_with("1 validation error detected: Value at 'output'"), "{message}");
    }

    #[test]
    fn lengths_are_counted_in_utf16_units() {
        let request = |letter: &str| json!({ "stateMachineArn": "a", "name": letter.repeat(80) });
        assert_eq!(check(&request("ä"), START_EXECUTION), Ok(()));
        assert!(check(&request("😀"), START_EXECUTION).is_err());
    }

    #[test]
    fn a_member_of_a_wrong_type_is_no_validation_error() {
        for request in [json!({ "taskToken": 1 }), json!({ "taskToken": ["a"] })] {
            assert_eq!(check(&request, SEND_TASK_HEARTBEAT).unwrap_err().code, "SerializationException");
        }
    }
}
