//! What all operations check: required members, ARNs, missing resources.

use serde_json::json;

use super::{ROLE, call, error, error_of};
use crate::common::Cloud;

#[tokio::test]
async fn every_operation_reports_missing_required_members() {
    let cloud = Cloud::in_memory();
    for (operation, request, member) in [
        ("CreateStateMachine", json!({ "definition": "{}", "roleArn": "r" }), "name"),
        ("UpdateStateMachine", json!({}), "stateMachineArn"),
        ("DeleteStateMachine", json!({}), "stateMachineArn"),
        ("DescribeStateMachine", json!({}), "stateMachineArn"),
        ("DescribeStateMachineForExecution", json!({}), "executionArn"),
        ("ValidateStateMachineDefinition", json!({}), "definition"),
        ("StartExecution", json!({}), "stateMachineArn"),
        ("StopExecution", json!({}), "executionArn"),
        ("DescribeExecution", json!({}), "executionArn"),
        ("GetExecutionHistory", json!({}), "executionArn"),
        ("SendTaskSuccess", json!({ "taskToken": "t" }), "output"),
        ("SendTaskFailure", json!({}), "taskToken"),
        ("SendTaskHeartbeat", json!({}), "taskToken"),
        ("TagResource", json!({ "resourceArn": "a" }), "tags"),
        ("UntagResource", json!({ "resourceArn": "a" }), "tagKeys"),
        ("ListTagsForResource", json!({}), "resourceArn"),
    ] {
        let message = format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        );
        assert_eq!(error_of(&cloud, operation, request).await.1, message, "{operation}");
    }
}

#[tokio::test]
async fn each_operation_ignores_members_that_the_model_does_not_know() {
    let cloud = Cloud::in_memory();
    let listed = call(&cloud, "ListStateMachines", json!({ "colour": 1, "maxResults": null })).await.unwrap();
    assert_eq!(listed, json!({ "stateMachines": [] }));
}

#[tokio::test]
async fn every_operation_refuses_arns_of_other_resources() {
    let cloud = Cloud::in_memory();
    let express = "arn:aws:states:us-east-1:000000000000:express:m:e:1";
    for (operation, member) in [
        ("DescribeStateMachine", "stateMachineArn"),
        ("DeleteStateMachine", "stateMachineArn"),
        ("StartExecution", "stateMachineArn"),
        ("ListExecutions", "stateMachineArn"),
        ("DescribeExecution", "executionArn"),
        ("StopExecution", "executionArn"),
        ("GetExecutionHistory", "executionArn"),
        ("DescribeStateMachineForExecution", "executionArn"),
        ("ListTagsForResource", "resourceArn"),
    ] {
        let refused = error_of(&cloud, operation, json!({ member: "nonsense" })).await;
        assert_eq!(refused, error("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: nonsense'"), "{operation}");
        let refused = error_of(&cloud, operation, json!({ member: express })).await;
        let message = "Invalid Arn: 'Resource type not valid in this context: express'";
        assert_eq!(refused, error("InvalidArn", message), "{operation}");
    }
}

#[tokio::test]
async fn missing_resources_are_reported_with_their_arn() {
    let cloud = Cloud::in_memory();
    let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:none";
    let execution = "arn:aws:states:us-east-1:000000000000:execution:none:e";
    let no_machine = error("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{machine}'"));
    for operation in ["DescribeStateMachine", "StartExecution", "ListExecutions"] {
        assert_eq!(error_of(&cloud, operation, json!({ "stateMachineArn": machine })).await, no_machine, "{operation}");
    }
    let update = json!({ "stateMachineArn": machine, "roleArn": ROLE });
    assert_eq!(error_of(&cloud, "UpdateStateMachine", update).await, no_machine);
    let no_execution = error("ExecutionDoesNotExist", format!("Execution Does Not Exist: '{execution}'"));
    for operation in ["DescribeExecution", "StopExecution", "GetExecutionHistory", "DescribeStateMachineForExecution"] {
        assert_eq!(
            error_of(&cloud, operation, json!({ "executionArn": execution })).await,
            no_execution,
            "{operation}"
        );
    }
    let deleted = call(&cloud, "DeleteStateMachine", json!({ "stateMachineArn": machine })).await;
    assert_eq!(deleted, Ok(json!({})), "deleting what is not there succeeds");
    let tags = error_of(&cloud, "ListTagsForResource", json!({ "resourceArn": machine })).await;
    assert_eq!(tags, error("ResourceNotFound", format!("Resource not found: '{machine}'")));
}

#[tokio::test]
async fn unsupported_operations_are_unknown_operations() {
    let cloud = Cloud::in_memory();
    for operation in [
        "CreateActivity",
        "CreateStateMachineAlias",
        "DeleteActivity",
        "DeleteStateMachineAlias",
        "DeleteStateMachineVersion",
        "DescribeActivity",
        "DescribeMapRun",
        "DescribeStateMachineAlias",
        "GetActivityTask",
        "ListActivities",
        "ListMapRuns",
        "ListStateMachineAliases",
        "ListStateMachineVersions",
        "PublishStateMachineVersion",
        "RedriveExecution",
        "StartSyncExecution",
        "TestState",
        "UpdateMapRun",
        "UpdateStateMachineAlias",
    ] {
        let (code, message) = error_of(&cloud, operation, json!({})).await;
        assert_eq!(code, "com.amazon.coral.service#UnknownOperationException", "{operation}");
        assert!(message.contains(operation), "{message}");
    }
}
