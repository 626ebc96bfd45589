//! Task tokens: the effects of each callback, and tokens that are refused.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    common::{Cloud, eventually},
    stepfunctions_wire::{call, machine, only, start},
};

/// A task that waits for its token, with additional fields.
fn waiter(more: Value) -> Value {
    let mut state = json!({ "Type": "Task", "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken",
        "Parameters": { "Entries": [{ "Detail": { "token.$": "$$.Task.Token" }, "DetailType": "t", "Source": "s" }] },
        "End": true });
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    only(state)
}

async fn events(cloud: &Cloud, execution: &str) -> Vec<Value> {
    let history = call(cloud, "GetExecutionHistory", json!({ "executionArn": execution })).await.unwrap();
    history["events"].as_array().unwrap().clone()
}

/// The task tokens of an execution, oldest first.
async fn tokens(cloud: &Cloud, execution: &str) -> Vec<String> {
    let scheduled = events(cloud, execution).await.into_iter();
    let parameters = scheduled.filter_map(|event| {
        let parameters = event["taskScheduledEventDetails"]["parameters"].as_str()?.to_owned();
        serde_json::from_str::<Value>(&parameters).ok()
    });
    parameters.map(|call| call["Entries"][0]["Detail"]["token"].as_str().unwrap().to_owned()).collect()
}

async fn succeed(cloud: &Cloud, token: &str, output: &str) -> Result<Value, (String, String)> {
    call(cloud, "SendTaskSuccess", json!({ "taskToken": token, "output": output })).await
}

fn spent() -> (String, String) {
    ("TaskTimedOut".to_owned(), "Task Timed Out: 'Provided task does not exist anymore'".to_owned())
}

async fn waiting(cloud: &Cloud, more: Value) -> (String, String) {
    let machine = machine(cloud, "m", &waiter(more)).await;
    let execution = start(cloud, &machine, "{}").await;
    let token = tokens(cloud, &execution).await.remove(0);
    (execution, token)
}

#[tokio::test]
async fn tokens_are_unique_and_within_the_allowed_length() {
    let cloud = Cloud::in_memory();
    let machine = machine(&cloud, "m", &waiter(json!({}))).await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let execution = start(&cloud, &machine, "{}").await;
        let token = tokens(&cloud, &execution).await.remove(0);
        // 16 random bytes need at least 22 characters.
        assert!((22..=1024).contains(&token.len()), "{}", token.len());
        assert!(seen.insert(token));
    }
    let long = "x".repeat(2_049);
    let (code, message) = succeed(&cloud, &long, "{}").await.unwrap_err();
    assert_eq!(code, "ValidationException");
    assert!(message.ends_with("Member must have length less than or equal to 2048"), "{message}");
}

#[tokio::test]
async fn each_callback_needs_a_valid_token() {
    let cloud = Cloud::in_memory();
    let (_, token) = waiting(&cloud, json!({})).await;
    let mut forged = token.into_bytes();
    forged[20] = if forged[20] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for token in ["garbage", "AAAAKgAAAAIAAAAA", forged.as_str()] {
        for operation in ["SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"] {
            let refused = call(&cloud, operation, json!({ "taskToken": token, "output": "{}" })).await.unwrap_err();
            assert_eq!(
                refused,
                ("InvalidToken".to_owned(), "Invalid Token: 'Invalid token'".to_owned()),
                "{operation}"
            );
        }
    }
}

#[tokio::test]
async fn an_invalid_output_is_refused_and_the_token_stays_valid() {
    let cloud = Cloud::in_memory();
    let (execution, token) = waiting(&cloud, json!({})).await;
    for output in ["", "not json", "{'a': 1}"] {
        let (code, message) = succeed(&cloud, &token, output).await.unwrap_err();
        assert_eq!(code, "InvalidOutput", "{output}");
        assert!(message.starts_with("Invalid Output: '"), "{message}");
    }
    let (code, _) = succeed(&cloud, &token, &format!("\"{}\"", "x".repeat(262_143))).await.unwrap_err();
    assert_eq!(code, "ValidationException");
    succeed(&cloud, &token, &format!("\"{}\"", "x".repeat(262_142))).await.unwrap();
    let described = call(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await.unwrap();
    assert_eq!(described["status"], "SUCCEEDED");
}

#[tokio::test]
async fn error_and_cause_of_a_failure_are_optional() {
    let cloud = Cloud::in_memory();
    let machine = machine(&cloud, "m", &waiter(json!({}))).await;
    for (given, details) in [
        (json!({}), json!({ "resourceType": "events", "resource": "putEvents.waitForTaskToken" })),
        (
            json!({ "error": "Spilt", "cause": "the cup fell" }),
            json!({ "resourceType": "events", "resource": "putEvents.waitForTaskToken", "error": "Spilt",
                "cause": "the cup fell" }),
        ),
    ] {
        let execution = start(&cloud, &machine, "{}").await;
        let mut request = given.clone();
        request["taskToken"] = tokens(&cloud, &execution).await.remove(0).into();
        call(&cloud, "SendTaskFailure", request).await.unwrap();
        let events = events(&cloud, &execution).await;
        let failed = events.iter().find(|event| event["type"] == "TaskFailed").unwrap();
        assert_eq!(failed["taskFailedEventDetails"], details);
        assert_eq!(events.last().unwrap()["executionFailedEventDetails"], given);
    }
    let long = json!({ "taskToken": "t", "error": "e".repeat(257) });
    assert_eq!(call(&cloud, "SendTaskFailure", long).await.unwrap_err().0, "ValidationException");
}

#[tokio::test]
async fn a_stop_invalidates_the_tokens_of_the_execution() {
    let cloud = Cloud::in_memory();
    let (execution, token) = waiting(&cloud, json!({})).await;
    call(&cloud, "StopExecution", json!({ "executionArn": execution })).await.unwrap();
    assert_eq!(succeed(&cloud, &token, "{}").await.unwrap_err(), spent());
    let beat = call(&cloud, "SendTaskHeartbeat", json!({ "taskToken": token })).await;
    assert_eq!(beat.unwrap_err(), spent());
}

#[tokio::test]
async fn a_token_is_expired_at_its_deadline_even_before_the_timer_has_fired() {
    let cloud = Cloud::in_memory();
    let (_, token) = waiting(&cloud, json!({ "TimeoutSeconds": 10 })).await;
    // The engine is not started: the time-out has not reached the execution yet.
    cloud.clock.advance(Duration::from_secs(10));
    assert_eq!(succeed(&cloud, &token, "{}").await.unwrap_err(), spent());
    let beat = call(&cloud, "SendTaskHeartbeat", json!({ "taskToken": token })).await;
    assert_eq!(beat.unwrap_err(), spent());
}

#[tokio::test]
async fn heartbeats_postpone_the_heartbeat_deadline_but_not_the_timeout() {
    let cloud = Cloud::in_memory();
    let (_, token) = waiting(&cloud, json!({ "TimeoutSeconds": 25, "HeartbeatSeconds": 10 })).await;
    for _ in 0..3 {
        cloud.clock.advance(Duration::from_secs(8));
        assert_eq!(call(&cloud, "SendTaskHeartbeat", json!({ "taskToken": token })).await, Ok(json!({})));
    }
    cloud.clock.advance(Duration::from_secs(1));
    assert_eq!(succeed(&cloud, &token, "{}").await.unwrap_err(), spent());
}

#[tokio::test]
async fn a_retried_task_has_a_new_token_and_the_old_one_is_spent() {
    let cloud = Cloud::in_memory();
    cloud.engine.start();
    let retry = json!({ "Retry": [{ "ErrorEquals": ["Spilt"], "IntervalSeconds": 3, "MaxAttempts": 1 }] });
    let (execution, first) = waiting(&cloud, retry).await;
    call(&cloud, "SendTaskFailure", json!({ "taskToken": first, "error": "Spilt" })).await.unwrap();
    assert_eq!(succeed(&cloud, &first, "{}").await.unwrap_err(), spent());
    cloud.clock.advance(Duration::from_secs(3));
    let second = eventually("the second attempt", || async { tokens(&cloud, &execution).await.get(1).cloned() }).await;
    assert_ne!(first, second);
    assert_eq!(succeed(&cloud, &first, "{}").await.unwrap_err(), spent());
    succeed(&cloud, &second, "\"done\"").await.unwrap();
    let described = call(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await.unwrap();
    assert_eq!((&described["status"], &described["output"]), (&json!("SUCCEEDED"), &json!("\"done\"")));
}

#[tokio::test]
async fn an_execution_that_timed_out_is_described_without_an_error() {
    let cloud = Cloud::in_memory();
    cloud.engine.start();
    let definition = json!({ "StartAt": "W", "TimeoutSeconds": 3,
        "States": { "W": { "Type": "Wait", "Seconds": 25, "End": true } } });
    let machine = machine(&cloud, "m", &definition).await;
    let execution = start(&cloud, &machine, "{}").await;
    cloud.clock.advance(Duration::from_secs(3));
    let described = eventually("the end", || async {
        let described = call(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await.unwrap();
        (described["status"] != "RUNNING").then_some(described)
    })
    .await;
    assert_eq!(described["status"], "TIMED_OUT");
    assert_eq!((described.get("error"), described.get("cause"), described.get("output")), (None, None, None));
    let events = events(&cloud, &execution).await;
    let last = events.last().unwrap();
    assert_eq!(last["executionTimedOutEventDetails"], json!({ "error": "States.Timeout" }));
    assert_eq!((&last["id"], &last["previousEventId"]), (&json!(3), &json!(0)));
}
