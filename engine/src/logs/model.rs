//! What AWS's model of CloudWatch Logs says of the members of each request.

use serde_json::Value;

use crate::{
    error::ApiError,
    stepfunctions::service::model::{self, Member, Rule, optional, required},
};

const GROUP: Rule = Rule::Named(512, r"[\.\-_/#A-Za-z0-9]+", is_group);
const IDENTIFIER: Rule = Rule::Text(1, 2048);
const STREAM: Rule = Rule::Named(512, "[^:*]*", |text| !text.contains([':', '*']));
const TIME: Rule = Rule::Integer(0, i64::MAX);
const TOKEN: Member = optional("nextToken", Rule::Text(1, usize::MAX));
const FEW: Member = optional("limit", Rule::Integer(1, 50));
const MANY: Member = optional("limit", Rule::Integer(1, 10_000));
const SPAN: [Member; 2] = [optional("startTime", TIME), optional("endTime", TIME)];
const WHERE: [Member; 2] = [optional("logGroupName", GROUP), optional("logGroupIdentifier", IDENTIFIER)];

pub(super) const ONE_GROUP: &[Member] = &[required("logGroupName", GROUP)];
pub(super) const GROUPS: &[Member] = &[
    optional("logGroupNamePrefix", GROUP),
    optional("logGroupNamePattern", Rule::Text(0, 512)),
    TOKEN,
    FEW,
    optional("logGroupClass", Rule::OneOf(&["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"])),
];
pub(super) const STREAMS: &[Member] = &[
    WHERE[0],
    WHERE[1],
    optional("logStreamNamePrefix", STREAM),
    optional("orderBy", Rule::OneOf(&["LogStreamName", "LastEventTime"])),
    optional("descending", Rule::Flag),
    TOKEN,
    FEW,
];
pub(super) const EVENTS: &[Member] = &[
    WHERE[0],
    WHERE[1],
    required("logStreamName", STREAM),
    SPAN[0],
    SPAN[1],
    TOKEN,
    MANY,
    optional("startFromHead", Rule::Flag),
];
pub(super) const FILTER: &[Member] = &[
    WHERE[0],
    WHERE[1],
    optional("logStreamNames", Rule::Texts(&STREAM)),
    optional("logStreamNamePrefix", STREAM),
    SPAN[0],
    SPAN[1],
    optional("filterPattern", Rule::Text(0, 1024)),
    TOKEN,
    MANY,
];

/// Compares a request with the model; this service calls a fault `InvalidParameterException`.
pub(super) fn check(request: &Value, members: &[Member]) -> Result<(), ApiError> {
    model::check(request, members).map_err(|error| match error.code {
        "ValidationException" => invalid(error.message),
        _ => error,
    })
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}

fn is_group(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_/#".contains(c))
}
