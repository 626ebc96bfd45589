//! The members of each CloudWatch Logs request.

use serde_json::Value;

use crate::{
    api::shape::{self, Member, Shape, optional, required},
    error::ApiError,
};

const GROUP: Shape = Shape::Pattern(512, r"[\.\-_/#A-Za-z0-9]+", is_group);
const IDENTIFIER: Shape = Shape::String(1, 2048);
const STREAM: Shape = Shape::Pattern(512, "[^:*]*", |text| !text.contains([':', '*']));
const TIME: Shape = Shape::Integer(0, i64::MAX);
const TOKEN: Member = optional("nextToken", Shape::String(1, usize::MAX));
const LIMIT_50: Member = optional("limit", Shape::Integer(1, 50));
const LIMIT_10_000: Member = optional("limit", Shape::Integer(1, 10_000));
const TIME_RANGE: [Member; 2] = [optional("startTime", TIME), optional("endTime", TIME)];
const GROUP_MEMBERS: [Member; 2] = [optional("logGroupName", GROUP), optional("logGroupIdentifier", IDENTIFIER)];

pub(super) const ONE_GROUP: &[Member] = &[required("logGroupName", GROUP)];
pub(super) const GROUPS: &[Member] = &[
    optional("logGroupNamePrefix", GROUP),
    optional("logGroupNamePattern", Shape::String(0, 512)),
    TOKEN,
    LIMIT_50,
    optional("logGroupClass", Shape::Enum(&["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"])),
];
pub(super) const STREAMS: &[Member] = &[
    GROUP_MEMBERS[0],
    GROUP_MEMBERS[1],
    optional("logStreamNamePrefix", STREAM),
    optional("orderBy", Shape::Enum(&["LogStreamName", "LastEventTime"])),
    optional("descending", Shape::Boolean),
    TOKEN,
    LIMIT_50,
];
pub(super) const EVENTS: &[Member] = &[
    GROUP_MEMBERS[0],
    GROUP_MEMBERS[1],
    required("logStreamName", STREAM),
    TIME_RANGE[0],
    TIME_RANGE[1],
    TOKEN,
    LIMIT_10_000,
    optional("startFromHead", Shape::Boolean),
];
pub(super) const FILTER: &[Member] = &[
    GROUP_MEMBERS[0],
    GROUP_MEMBERS[1],
    optional("logStreamNames", Shape::List(&STREAM)),
    optional("logStreamNamePrefix", STREAM),
    TIME_RANGE[0],
    TIME_RANGE[1],
    optional("filterPattern", Shape::String(0, 1024)),
    TOKEN,
    LIMIT_10_000,
];

/// Validates a request. This service reports violations as `InvalidParameterException`.
pub(super) fn validate(request: &Value, members: &[Member]) -> Result<(), ApiError> {
    shape::validate(request, members).map_err(|error| match error.code {
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
