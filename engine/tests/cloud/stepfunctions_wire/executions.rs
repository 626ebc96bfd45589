//! Executions: start, description, stop, lists, history.

use serde_json::{Value, json};

use super::{ROLE, call, error, error_of, machine, pass, start, waiting};
use crate::common::Cloud;

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
