//! Step Functions on the wire: members, constraints, errors and their messages.

mod executions;
mod machines;
mod requests;

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
