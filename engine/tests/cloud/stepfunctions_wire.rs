//! Step Functions on the wire: members, constraints, errors and their messages.

use axum::body::to_bytes;
use serde_json::{Value, json};

use crate::{common::Cloud, wire::post};

const ROLE: &str = "arn:aws:iam::000000000000:role/workflow";

/// Calls an operation; an error is the code and the message.
pub(crate) async fn call(cloud: &Cloud, operation: &str, request: Value) -> Result<Value, (String, String)> {
    let answer = post(cloud, Some(&format!("AWSStepFunctions.{operation}")), request.to_string()).await;
    let status = answer.status().as_u16();
    let body: Value = serde_json::from_slice(&to_bytes(answer.into_body(), 8 << 20).await.unwrap()).unwrap();
    if status == 200 {
        return Ok(body);
    }
    assert_eq!(status, 400, "{body}");
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    Err((text("__type"), text("message")))
}

async fn error_of(cloud: &Cloud, operation: &str, request: Value) -> (String, String) {
    call(cloud, operation, request).await.expect_err(operation)
}

fn error(code: &str, message: impl Into<String>) -> (String, String) {
    (code.to_owned(), message.into())
}

pub(crate) fn only(state: Value) -> Value {
    json!({ "StartAt": "Only", "States": { "Only": state } })
}

fn pass() -> Value {
    only(json!({ "Type": "Pass", "End": true }))
}

fn waiting() -> Value {
    only(json!({ "Type": "Wait", "Seconds": 60, "End": true }))
}

pub(crate) async fn machine(cloud: &Cloud, name: &str, definition: &Value) -> String {
    let request = json!({ "name": name, "definition": definition.to_string(), "roleArn": ROLE });
    let created = call(cloud, "CreateStateMachine", request).await.unwrap();
    created["stateMachineArn"].as_str().unwrap().to_owned()
}

pub(crate) async fn start(cloud: &Cloud, machine: &str, input: &str) -> String {
    let request = json!({ "stateMachineArn": machine, "input": input });
    call(cloud, "StartExecution", request).await.unwrap()["executionArn"].as_str().unwrap().to_owned()
}

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
async fn a_described_machine_has_the_defaults_of_aws_and_a_revision_after_its_first_update() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &pass()).await;
    let describe = async || call(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await.unwrap();
    let mut described = describe().await;
    assert!(described["creationDate"].take().is_number());
    let expected = json!({
        "stateMachineArn": arn, "name": "m", "status": "ACTIVE", "definition": pass().to_string(), "roleArn": ROLE,
        "type": "STANDARD", "creationDate": null, "loggingConfiguration": { "level": "OFF", "includeExecutionData": false },
        "tracingConfiguration": { "enabled": false },
    });
    assert_eq!(described, expected);

    let update = json!({ "stateMachineArn": arn, "roleArn": "arn:aws:iam::000000000000:role/other" });
    let updated = call(&cloud, "UpdateStateMachine", update.clone()).await.unwrap();
    let revision = updated["revisionId"].as_str().unwrap();
    assert!(updated["updateDate"].is_number());
    assert_eq!(describe().await["revisionId"], revision);
    let again = call(&cloud, "UpdateStateMachine", update).await.unwrap();
    assert_eq!(again["revisionId"], revision, "an update that changes nothing makes no revision");
    let tracing = json!({ "stateMachineArn": arn, "tracingConfiguration": { "enabled": true } });
    let traced = call(&cloud, "UpdateStateMachine", tracing).await.unwrap();
    assert_ne!(traced["revisionId"], revision);
    assert_eq!(describe().await["tracingConfiguration"], json!({ "enabled": true }));
    let metadata = json!({ "stateMachineArn": arn, "includedData": "METADATA_ONLY" });
    assert_eq!(call(&cloud, "DescribeStateMachine", metadata).await.unwrap()["definition"], "{}");
}

#[tokio::test]
async fn an_update_of_nothing_is_refused() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &pass()).await;
    let message = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be \
                   specified";
    let refused = error_of(&cloud, "UpdateStateMachine", json!({ "stateMachineArn": arn })).await;
    assert_eq!(refused, error("MissingRequiredParameter", message));
}

#[tokio::test]
async fn creating_again_with_another_role_or_tags_is_the_same_request() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &pass()).await;
    let create = |definition: String, more: Value| {
        let mut request =
            json!({ "name": "m", "definition": definition, "roleArn": "arn:aws:iam::000000000000:role/x" });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call(&cloud, "CreateStateMachine", request)
    };
    let tags = json!({ "tags": [{ "key": "a", "value": "b" }] });
    let again = create(pass().to_string(), tags).await.unwrap();
    assert_eq!(again["stateMachineArn"], arn);
    let described = call(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await.unwrap();
    assert_eq!(described["roleArn"], ROLE);
    let tags = call(&cloud, "ListTagsForResource", json!({ "resourceArn": arn })).await.unwrap();
    assert_eq!(tags, json!({ "tags": [] }));

    let exists = error("StateMachineAlreadyExists", format!("State Machine Already Exists: '{arn}'"));
    // AWS compares the text of definitions, not their meaning.
    let spaced = serde_json::to_string_pretty(&pass()).unwrap();
    assert_eq!(create(spaced, json!({})).await.unwrap_err(), exists);
    let traced = json!({ "tracingConfiguration": { "enabled": true } });
    assert_eq!(create(pass().to_string(), traced).await.unwrap_err(), exists);
}

#[tokio::test]
async fn unsupported_members_of_machines_are_refused_by_name() {
    let cloud = Cloud::in_memory();
    let logging = "Invalid Logging Configuration: Must specify exactly one Log Destination.";
    for (more, code, part) in [
        (json!({ "type": "EXPRESS" }), "StateMachineTypeNotSupported", "EXPRESS is not supported"),
        (json!({ "type": "FAST" }), "ValidationException", "Member must satisfy enum value set: [EXPRESS, STANDARD]"),
        (json!({ "publish": true }), "ValidationException", "publish is not supported"),
        (
            json!({ "versionDescription": "v" }),
            "ValidationException",
            "Version description can only be set when publish is true",
        ),
        (
            json!({ "encryptionConfiguration": { "type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k" } }),
            "InvalidEncryptionConfiguration",
            "only AWS_OWNED_KEY is supported",
        ),
        (json!({ "loggingConfiguration": { "level": "ALL" } }), "InvalidLoggingConfiguration", logging),
        (
            json!({ "loggingConfiguration": { "level": "ALL", "destinations": [] } }),
            "InvalidLoggingConfiguration",
            logging,
        ),
        (json!({ "loggingConfiguration": { "destinations": [{}, {}] } }), "InvalidLoggingConfiguration", logging),
        (json!({ "name": "a b" }), "InvalidName", "Invalid Name: 'a b'"),
    ] {
        let mut request = json!({ "name": "m", "definition": pass().to_string(), "roleArn": ROLE });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (refused, message) = error_of(&cloud, "CreateStateMachine", request).await;
        assert!((refused.as_str(), message.contains(part)) == (code, true), "{more}: {refused}: {message}");
    }
    let off = json!({ "name": "off", "definition": pass().to_string(), "roleArn": ROLE,
        "loggingConfiguration": { "destinations": [] } });
    let arn = call(&cloud, "CreateStateMachine", off).await.unwrap()["stateMachineArn"].clone();
    let described = call(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await.unwrap();
    let expected = json!({ "level": "OFF", "includeExecutionData": false, "destinations": [] });
    assert_eq!(described["loggingConfiguration"], expected);
}

#[tokio::test]
async fn a_definition_that_is_refused_says_where_and_why() {
    let cloud = Cloud::in_memory();
    let create = |definition: &str| {
        let request = json!({ "name": "m", "definition": definition, "roleArn": ROLE });
        error_of(&cloud, "CreateStateMachine", request)
    };
    let refused = create(r#"{"StartAt":"A"}"#).await;
    let message =
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'";
    assert_eq!(refused, error("InvalidDefinition", message));
    let refused = create(r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}}"#).await;
    let message = "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'";
    assert_eq!(refused, error("InvalidDefinition", message));
}

#[tokio::test]
async fn validating_a_definition_returns_the_diagnostics_of_aws() {
    let cloud = Cloud::in_memory();
    let check = |request: Value| call(&cloud, "ValidateStateMachineDefinition", request);
    let good = check(json!({ "definition": pass().to_string() })).await.unwrap();
    assert_eq!(good, json!({ "result": "OK", "diagnostics": [], "truncated": false }));
    let failed = |diagnostics: Value| json!({ "result": "FAIL", "diagnostics": diagnostics, "truncated": false });

    let empty = check(json!({ "definition": "{}" })).await.unwrap();
    let required = "These fields are required: [States, StartAt]";
    let expected =
        json!([{ "severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": required, "location": "/" }]);
    assert_eq!(empty, failed(expected));
    let no_object = check(json!({ "definition": "\"\"" })).await.unwrap();
    let message = "Definition must be a valid JSON object";
    let expected = json!([{ "severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": message }]);
    assert_eq!(no_object, failed(expected));
    let no_json = check(json!({ "definition": "not a definition" })).await.unwrap();
    let location = "[Source: (String)\"not a definition\"; line: 1, column: 4]";
    let values = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    let message = format!("Unrecognized token 'not': was expecting {values}\n at {location}");
    let expected = json!([{ "severity": "ERROR", "code": "INVALID_JSON_DESCRIPTION", "message": message,
        "location": location }]);
    assert_eq!(no_json, failed(expected));

    let many = only(json!({ "Type": "Pass", "End": true, "A": 1, "B": 2, "C": 3 })).to_string();
    let first = check(json!({ "definition": many, "maxResults": 2 })).await.unwrap();
    assert_eq!((first["diagnostics"].as_array().unwrap().len(), &first["truncated"]), (2, &json!(true)));
    let odd = only(json!({ "Type": "Pass", "Parameters": { "drink": "$.drink" }, "End": true })).to_string();
    let quiet = check(json!({ "definition": odd })).await.unwrap();
    assert_eq!(quiet, json!({ "result": "OK", "diagnostics": [], "truncated": false }));
    let warned = check(json!({ "definition": odd, "severity": "WARNING" })).await.unwrap();
    let warning = &warned["diagnostics"][0];
    assert_eq!((&warned["result"], &warning["severity"]), (&json!("OK"), &json!("WARNING")));
    assert_eq!(
        (&warning["code"], &warning["location"]),
        (&json!("NO_DOLLAR"), &json!("/States/Only/Parameters/drink"))
    );
    let express = check(json!({ "definition": pass().to_string(), "type": "EXPRESS" })).await.unwrap_err();
    assert_eq!(express.0, "StateMachineTypeNotSupported");
}

#[tokio::test]
async fn machines_are_listed_by_name_in_pages() {
    let cloud = Cloud::in_memory();
    for name in ["c", "a", "b"] {
        machine(&cloud, name, &pass()).await;
    }
    let first = call(&cloud, "ListStateMachines", json!({ "maxResults": 2 })).await.unwrap();
    let names = |page: &Value| -> Vec<Value> {
        page["stateMachines"].as_array().unwrap().iter().map(|machine| machine["name"].clone()).collect()
    };
    assert_eq!(names(&first), ["a", "b"]);
    assert_eq!(first["stateMachines"][0]["type"], "STANDARD");
    let rest = call(&cloud, "ListStateMachines", json!({ "maxResults": 2, "nextToken": first["nextToken"] })).await;
    let rest = rest.unwrap();
    assert_eq!((names(&rest), rest.get("nextToken")), (vec![json!("c")], None));
    let garbage = error_of(&cloud, "ListStateMachines", json!({ "nextToken": "?" })).await;
    assert_eq!(garbage, error("InvalidToken", "Invalid Token: 'Invalid token'"));
    let (code, _) = error_of(&cloud, "ListStateMachines", json!({ "nextToken": "x".repeat(1025) })).await;
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn an_execution_accepts_any_json_as_input_and_nothing_else() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &pass()).await;
    for input in ["2", "\"text\"", "null", "[1]", " {} "] {
        let execution = start(&cloud, &arn, input).await;
        let described = call(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await.unwrap();
        assert_eq!((&described["status"], &described["input"]), (&json!("SUCCEEDED"), &json!(input)));
    }
    let values = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    for (input, reason) in [
        ("", "Invalid execution input.".to_owned()),
        ("not json", format!("Unrecognized token 'not': was expecting {values}")),
        (
            "{'not': 'json'}",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name".to_owned(),
        ),
    ] {
        let refused = error_of(&cloud, "StartExecution", json!({ "stateMachineArn": arn, "input": input })).await;
        let message = format!("Invalid State Machine Execution Input: '{reason}'");
        assert_eq!(refused, error("InvalidExecutionInput", message));
    }
    let largest = format!("\"{}\"", "x".repeat(262_142));
    start(&cloud, &arn, &largest).await;
    let larger = json!({ "stateMachineArn": arn, "input": format!("{largest} ") });
    let message = "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length \
                   less than or equal to 262144";
    assert_eq!(error_of(&cloud, "StartExecution", larger).await, error("ValidationException", message));
    let wide = json!({ "stateMachineArn": arn, "input": format!("\"{}\"", "ä".repeat(131_072)) });
    assert_eq!(error_of(&cloud, "StartExecution", wide).await.0, "InvalidExecutionInput");
}

#[tokio::test]
async fn a_start_is_identified_by_its_name() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &waiting()).await;
    let start = |name: &str, input: &str| {
        call(&cloud, "StartExecution", json!({ "stateMachineArn": arn, "name": name, "input": input }))
    };
    let first = start("e", "{}").await.unwrap();
    assert_eq!(start("e", "{}").await.unwrap(), first);
    let execution = first["executionArn"].as_str().unwrap();
    let exists = error("ExecutionAlreadyExists", format!("Execution Already Exists: '{execution}'"));
    assert_eq!(start("e", "{ }").await.unwrap_err(), exists);
    call(&cloud, "StopExecution", json!({ "executionArn": execution })).await.unwrap();
    assert_eq!(start("e", "{}").await.unwrap_err(), exists);
    for name in ["a b", "a/b", "a:b", "a*", "a\u{7f}", "<a>", "a\"b", "a\\b"] {
        assert_eq!(start(name, "{}").await.unwrap_err(), error("InvalidName", format!("Invalid Name: '{name}'")));
    }
    let (code, message) = start(&"x".repeat(81), "{}").await.unwrap_err();
    assert_eq!(code, "ValidationException");
    assert!(message.ends_with("Member must have length less than or equal to 80"), "{message}");
    assert!(start("Käse-1_2.3", "{}").await.is_ok());
}

#[tokio::test]
async fn a_described_execution_shows_what_aws_shows() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &pass()).await;
    let input = "{ \"b\": 1.0,\n  \"a\": \"\\u00e4\" }";
    let request = json!({ "stateMachineArn": arn, "name": "e", "input": input, "traceHeader": "Root=1" });
    let execution = call(&cloud, "StartExecution", request).await.unwrap()["executionArn"].clone();
    let mut described = call(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await.unwrap();
    for time in ["startDate", "stopDate"] {
        assert!(described[time].take().is_number());
    }
    let expected = json!({
        "executionArn": execution, "stateMachineArn": arn, "name": "e", "status": "SUCCEEDED", "startDate": null,
        "stopDate": null, "input": input, "inputDetails": { "included": true }, "output": "{\"b\":1.0,\"a\":\"ä\"}",
        "outputDetails": { "included": true }, "traceHeader": "Root=1", "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    });
    assert_eq!(described, expected);
    let history = call(&cloud, "GetExecutionHistory", json!({ "executionArn": execution })).await.unwrap();
    assert_eq!(history["events"][0]["executionStartedEventDetails"]["input"], input);
    let metadata = json!({ "executionArn": execution, "includedData": "METADATA_ONLY" });
    let metadata = call(&cloud, "DescribeExecution", metadata).await.unwrap();
    assert_eq!((metadata.get("input"), metadata.get("output")), (None, None));
    assert_eq!(metadata["inputDetails"], json!({ "included": false }));
    let of = call(&cloud, "DescribeStateMachineForExecution", json!({ "executionArn": execution })).await.unwrap();
    assert_eq!((&of["stateMachineArn"], &of["definition"]), (&json!(arn), &json!(pass().to_string())));
    assert_eq!((&of["name"], of.get("revisionId")), (&json!("m"), None));
    assert_eq!(of["tracingConfiguration"], json!({ "enabled": false }));
}

#[tokio::test]
async fn a_stopped_execution_is_aborted_once() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &waiting()).await;
    let execution = start(&cloud, &arn, "{}").await;
    let stop = |error: &str| {
        call(&cloud, "StopExecution", json!({ "executionArn": execution, "error": error, "cause": "closed" }))
    };
    let stopped = stop("Shop").await.unwrap();
    assert_eq!(stop("Other").await.unwrap(), stopped, "stopping again changes nothing");
    let described = call(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await.unwrap();
    assert_eq!((&described["status"], &described["error"]), (&json!("ABORTED"), &json!("Shop")));
    assert_eq!(described["stopDate"], stopped["stopDate"]);
    let history = call(&cloud, "GetExecutionHistory", json!({ "executionArn": execution })).await.unwrap();
    let mut last = history["events"][2].clone();
    last["timestamp"].take();
    let expected = json!({ "timestamp": null, "type": "ExecutionAborted", "id": 3, "previousEventId": 0,
        "executionAbortedEventDetails": { "error": "Shop", "cause": "closed" } });
    assert_eq!(last, expected);
    let (code, _) = error_of(
        &cloud,
        "StopExecution",
        json!({ "executionArn": execution, "error": "e".repeat(257), "cause": "c".repeat(32_769) }),
    )
    .await;
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn executions_are_filtered_as_aws_filters() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &waiting()).await;
    start(&cloud, &arn, "{}").await;
    let list = |more: Value| call(&cloud, "ListExecutions", more);
    let running = list(json!({ "stateMachineArn": arn, "statusFilter": "RUNNING" })).await.unwrap();
    let entry = &running["executions"][0];
    assert_eq!((&entry["status"], &entry["redriveCount"]), (&json!("RUNNING"), &json!(0)));
    assert_eq!(entry.get("stopDate"), None);
    let none = list(json!({ "stateMachineArn": arn, "statusFilter": "FAILED" })).await.unwrap();
    assert_eq!(none, json!({ "executions": [] }));
    let enumeration = "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: \
                       Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]";
    let refused = list(json!({ "stateMachineArn": arn, "statusFilter": "succeeded" })).await.unwrap_err();
    assert_eq!(refused, error("ValidationException", enumeration));
    let run = "arn:aws:states:us-east-1:000000000000:mapRun:m/l:r";
    for more in [
        json!({}),
        json!({ "stateMachineArn": arn, "mapRunArn": run }),
        json!({ "mapRunArn": run }),
        json!({ "stateMachineArn": arn, "redriveFilter": "REDRIVEN" }),
        json!({ "stateMachineArn": arn, "statusFilter": "PENDING_REDRIVE" }),
        json!({ "stateMachineArn": arn, "maxResults": 1001 }),
    ] {
        assert_eq!(list(more.clone()).await.unwrap_err().0, "ValidationException", "{more}");
    }
    let garbage = list(json!({ "stateMachineArn": arn, "nextToken": "x" })).await.unwrap_err();
    assert_eq!(garbage, error("InvalidToken", "Invalid Token: 'Invalid token'"));
}

#[tokio::test]
async fn a_history_is_read_in_pages_from_either_end_with_or_without_its_data() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &pass()).await;
    let execution = start(&cloud, &arn, "{\"a\":1}").await;
    let get = |mut more: Value| {
        more["executionArn"] = execution.as_str().into();
        call(&cloud, "GetExecutionHistory", more)
    };
    let ids = |page: &Value| -> Vec<i64> {
        page["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect()
    };
    let first = get(json!({ "maxResults": 3, "reverseOrder": true })).await.unwrap();
    assert_eq!(ids(&first), [4, 3, 2]);
    let rest = get(json!({ "maxResults": 3, "reverseOrder": true, "nextToken": first["nextToken"] })).await.unwrap();
    assert_eq!((ids(&rest), rest.get("nextToken")), (vec![1], None));
    let whole = get(json!({})).await.unwrap();
    assert_eq!(ids(&whole), [1, 2, 3, 4]);
    let entered = json!({ "name": "Only", "input": "{\"a\":1}", "inputDetails": { "truncated": false } });
    assert_eq!(whole["events"][1]["stateEnteredEventDetails"], entered);
    let bare = get(json!({ "includeExecutionData": false })).await.unwrap();
    assert_eq!(bare["events"][1]["stateEnteredEventDetails"], json!({ "name": "Only" }));
    assert_eq!(bare["events"][0]["executionStartedEventDetails"], json!({ "roleArn": ROLE }));
}

#[tokio::test]
async fn tags_are_added_replaced_and_removed() {
    let cloud = Cloud::in_memory();
    let request = json!({ "name": "m", "definition": pass().to_string(), "roleArn": ROLE,
        "tags": [{ "key": "team", "value": "bar" }] });
    let arn = call(&cloud, "CreateStateMachine", request.clone()).await.unwrap()["stateMachineArn"].clone();
    let tag = |tags: Value| call(&cloud, "TagResource", json!({ "resourceArn": arn, "tags": tags }));
    let list =
        async || call(&cloud, "ListTagsForResource", json!({ "resourceArn": arn })).await.unwrap()["tags"].clone();
    assert_eq!(tag(json!([{ "key": "team", "value": "roast" }, { "key": "city", "value": "" }])).await, Ok(json!({})));
    assert_eq!(list().await, json!([{ "key": "city", "value": "" }, { "key": "team", "value": "roast" }]));
    let untag = json!({ "resourceArn": arn, "tagKeys": ["city", "nothing"] });
    assert_eq!(call(&cloud, "UntagResource", untag).await, Ok(json!({})));
    assert_eq!(list().await, json!([{ "key": "team", "value": "roast" }]));
    let many: Vec<Value> = (0..50).map(|n| json!({ "key": n.to_string(), "value": "v" })).collect();
    assert_eq!(tag(many.into()).await.unwrap_err().0, "TooManyTags");
    assert_eq!(list().await.as_array().unwrap().len(), 1, "a request that is refused changes nothing");
    let (code, _) = tag(json!([{ "key": "", "value": "v" }])).await.unwrap_err();
    assert_eq!(code, "ValidationException");
    let version = format!("{}:1", arn.as_str().unwrap());
    let versioned = error_of(&cloud, "TagResource", json!({ "resourceArn": version, "tags": [] })).await;
    assert_eq!(versioned, error("ResourceNotFound", format!("Resource not found: '{version}'")));
    call(&cloud, "DeleteStateMachine", json!({ "stateMachineArn": arn })).await.unwrap();
    let mut again = request;
    again["tags"] = json!([]);
    call(&cloud, "CreateStateMachine", again).await.unwrap();
    assert_eq!(list().await, json!([]), "a new machine of the name has no old tags");
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
