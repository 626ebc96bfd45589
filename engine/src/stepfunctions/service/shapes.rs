//! The members of each Step Functions request.

use crate::api::shape::{Member, Shape, optional, required};

const ARN: Shape = Shape::String(1, 256);
const NAME: Shape = Shape::String(1, 80);
const DEFINITION: Shape = Shape::Sensitive(1, 1_048_576);
const DATA: Shape = Shape::Sensitive(0, 262_144);
const ERROR: Shape = Shape::Sensitive(0, 256);
const CAUSE: Shape = Shape::Sensitive(0, 32_768);
const TOKEN: Shape = Shape::String(1, 2_048);
const TYPE: Shape = Shape::Enum(&["EXPRESS", "STANDARD"]);
const INCLUDED_DATA: Shape = Shape::Enum(&["METADATA_ONLY", "ALL_DATA"]);
const PAGE: [Member; 2] =
    [optional("maxResults", Shape::Integer(0, 1_000)), optional("nextToken", Shape::String(1, 1_024))];
const TAG_KEY: Shape = Shape::String(1, 128);
const TAGS: Shape = Shape::StructureList(&[optional("key", TAG_KEY), optional("value", Shape::String(0, 256))]);
const LOGGING: Member = optional(
    "loggingConfiguration",
    Shape::Structure(&[
        optional("level", Shape::Enum(&["ALL", "ERROR", "FATAL", "OFF"])),
        optional("includeExecutionData", Shape::Boolean),
        optional("destinations", Shape::StructureList(&[])),
    ]),
);
const TRACING: Member = optional("tracingConfiguration", Shape::Structure(&[optional("enabled", Shape::Boolean)]));
const ENCRYPTION: Member = optional(
    "encryptionConfiguration",
    Shape::Structure(&[
        required("type", Shape::Enum(&["CUSTOMER_MANAGED_KMS_KEY", "AWS_OWNED_KEY"])),
        optional("kmsKeyId", Shape::String(1, 2_048)),
        optional("kmsDataKeyReusePeriodSeconds", Shape::Integer(60, 900)),
    ]),
);
const PUBLISH: Member = optional("publish", Shape::Boolean);
const VERSION_DESCRIPTION: Member = optional("versionDescription", Shape::String(0, 256));

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
    optional("severity", Shape::Enum(&["ERROR", "WARNING"])),
    optional("maxResults", Shape::Integer(0, 100)),
];
pub(super) const START_EXECUTION: &[Member] = &[
    required("stateMachineArn", ARN),
    optional("name", NAME),
    optional("input", DATA),
    optional("traceHeader", Shape::String(0, 256)),
];
pub(super) const STOP_EXECUTION: &[Member] =
    &[required("executionArn", ARN), optional("error", ERROR), optional("cause", CAUSE)];
pub(super) const LIST_EXECUTIONS: &[Member] = &[
    optional("stateMachineArn", ARN),
    optional(
        "statusFilter",
        Shape::Enum(&["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"]),
    ),
    optional("maxResults", Shape::Integer(0, 1_000)),
    optional("nextToken", Shape::String(1, 3_096)),
    optional("mapRunArn", Shape::String(1, 2_000)),
    optional("redriveFilter", Shape::Enum(&["REDRIVEN", "NOT_REDRIVEN"])),
];
pub(super) const GET_EXECUTION_HISTORY: &[Member] = &[
    required("executionArn", ARN),
    optional("maxResults", Shape::Integer(0, 1_000)),
    optional("reverseOrder", Shape::Boolean),
    optional("nextToken", Shape::String(1, 1_024)),
    optional("includeExecutionData", Shape::Boolean),
];
pub(super) const SEND_TASK_SUCCESS: &[Member] = &[required("taskToken", TOKEN), required("output", DATA)];
pub(super) const SEND_TASK_FAILURE: &[Member] =
    &[required("taskToken", TOKEN), optional("error", ERROR), optional("cause", CAUSE)];
pub(super) const SEND_TASK_HEARTBEAT: &[Member] = &[required("taskToken", TOKEN)];
pub(super) const TAG_RESOURCE: &[Member] = &[required("resourceArn", ARN), required("tags", TAGS)];
pub(super) const UNTAG_RESOURCE: &[Member] =
    &[required("resourceArn", ARN), required("tagKeys", Shape::List(&TAG_KEY))];
pub(super) const LIST_TAGS_FOR_RESOURCE: &[Member] = &[required("resourceArn", ARN)];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::shape::validate;

    fn message(request: &Value, members: &[Member]) -> String {
        validate(request, members).unwrap_err().message
    }

    #[test]
    fn a_violated_constraint_is_reported_in_the_words_of_aws() {
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
    fn all_violations_are_reported_at_once() {
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
    fn task_output_is_not_repeated_in_an_error() {
        let request = json!({ "taskToken": "t", "output": "s".repeat(262_145) });
        let message = message(&request, SEND_TASK_SUCCESS);
        assert!(message.starts_with("1 validation error detected: Value at 'output'"), "{message}");
    }

    #[test]
    fn lengths_are_counted_in_utf16_units() {
        let request = |letter: &str| json!({ "stateMachineArn": "a", "name": letter.repeat(80) });
        assert_eq!(validate(&request("ä"), START_EXECUTION), Ok(()));
        assert!(validate(&request("😀"), START_EXECUTION).is_err());
    }

    #[test]
    fn a_member_of_the_wrong_type_is_a_serialization_error() {
        for request in [json!({ "taskToken": 1 }), json!({ "taskToken": ["a"] })] {
            assert_eq!(validate(&request, SEND_TASK_HEARTBEAT).unwrap_err().code, "SerializationException");
        }
    }
}
