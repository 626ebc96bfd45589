//! The service calls of Task states, made on the very transaction of the step.

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use crate::{
    cloud::{Operation, Scope},
    error::ApiError,
    events::{
        self, RetryPolicy,
        outbox::{self, Caller, Delivery},
    },
    executions::{
        casing::{operation_name, to_request, to_result},
        start::{Begin, begin},
    },
    functions::function_name,
    states::host::{CallOutcome, Pattern, ServiceCall, TaskError},
    tables,
};

/// Who calls.
pub(super) struct Calling<'c> {
    pub(super) scope: &'c Scope<'c>,
    pub(super) caller: Caller,
    /// The state machine and the execution.
    pub(super) arns: &'c [String; 2],
    /// Whether the resource is the ARN of a function itself.
    pub(super) bare_function: bool,
}

/// Makes the call.
pub(super) fn call(calling: &Calling<'_>, call: &ServiceCall<'_>) -> Result<CallOutcome, ApiError> {
    let parameters = call.parameters;
    match (call.resource_type, call.action) {
        ("lambda", "invoke") => return invoke(calling, parameters),
        ("events", "putEvents") => {
            let answer = events::put(calling.scope, &with_text_details(parameters), calling.arns);
            return Ok(CallOutcome::Answered(entries_taken(settle("EventBridge", answer)?)));
        }
        ("states", "startExecution") => return start(calling, call),
        _ => {}
    }
    let name = operation_name(call.action);
    let outcome = match call.resource_type {
        "dynamodb" => settle("DynamoDB", table_call(calling.scope, &name, parameters))?,
        "aws-sdk:dynamodb" => settle("DynamoDb", table_call(calling.scope, &name, parameters))?,
        "aws-sdk:eventbridge" => {
            let answer = run(calling.scope, events::operation(&name), &with_text_details(parameters));
            settle("EventBridge", answer)?
        }
        "aws-sdk:sfn" => {
            // Its own start has to wait for its turn like any other of a workflow.
            if name == "StartExecution" {
                return start(calling, call);
            }
            let answer = run(calling.scope, super::operation(&name), &to_request(parameters)).map(to_result);
            settle("Sfn", answer)?
        }
        other => Err(unsupported(other, call.action)),
    };
    Ok(CallOutcome::Answered(outcome))
}

fn unsupported(resource_type: &str, action: &str) -> TaskError {
    TaskError { error: "States.Runtime".to_owned(), cause: format!("This engine has no {resource_type}:{action}.") }
}

fn table_call(scope: &Scope<'_>, name: &str, parameters: &Value) -> Result<Value, ApiError> {
    let work = || tables::handle(scope.db(), scope.now(), name, parameters);
    undone_on_error(scope.db(), work)
}

/// Runs `work`; when it fails, what it wrote is undone and the step goes on, so that the workflow may catch the error.
fn undone_on_error<T>(db: &Connection, work: impl FnOnce() -> Result<T, ApiError>) -> Result<T, ApiError> {
    let execute = |sql| -> Result<(), ApiError> {
        db.prepare_cached(sql)?.execute([])?;
        Ok(())
    };
    execute("SAVEPOINT call")?;
    let result = work();
    if result.is_err() {
        execute("ROLLBACK TO call")?;
    }
    execute("RELEASE call")?;
    result
}

fn run(scope: &Scope<'_>, operation: Option<Operation>, request: &Value) -> Result<Value, ApiError> {
    let unknown = || ApiError::client("UnknownOperationException", "There is no such operation.");
    let operation = operation.ok_or_else(unknown)?;
    let answer = undone_on_error(scope.db(), || operation.run_within(scope, request))?;
    // An operation without output is an empty object to a workflow.
    Ok(if answer.is_null() { Value::Object(Map::new()) } else { answer })
}

/// Tells what the caller can mend, which the workflow may catch, from a failing store, which rolls the step back.
fn settle(service: &str, answer: Result<Value, ApiError>) -> Result<Result<Value, TaskError>, ApiError> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(error) if error.status >= 500 => Err(error),
        Err(error) => {
            let suffix = if error.code.ends_with("Exception") { "" } else { "Exception" };
            let mut cause = format!("{} (Service: {service}, Status Code: {})", error.message, error.status);
            if let Some(reasons) = error.members.get("CancellationReasons") {
                cause.push_str(&format!(" {reasons}"));
            }
            Ok(Err(TaskError { error: format!("{service}.{}{suffix}", error.code), cause }))
        }
    }
}

/// PutEvents with each `Detail` as text: a workflow may give it as JSON.
fn with_text_details(parameters: &Value) -> Value {
    let mut request = parameters.clone();
    for entry in request.get_mut("Entries").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(detail) = entry.get_mut("Detail").filter(|detail| !detail.is_string()) {
            *detail = Value::String(detail.to_string());
        }
    }
    request
}

/// An entry that was not taken fails the task.
fn entries_taken(answer: Result<Value, TaskError>) -> Result<Value, TaskError> {
    let answer = answer?;
    if answer.get("FailedEntryCount").and_then(Value::as_i64) == Some(0) {
        return Ok(answer);
    }
    Err(TaskError { error: "EventBridge.FailedEntry".to_owned(), cause: answer.to_string() })
}

/// The call goes through the outbox: it is made after the commit, and again when the process dies before the answer.
fn invoke(calling: &Calling<'_>, parameters: &Value) -> Result<CallOutcome, ApiError> {
    let Some(function) = parameters.get("FunctionName").and_then(Value::as_str) else {
        let cause = "The parameter FunctionName is missing.".to_owned();
        return Ok(CallOutcome::Answered(Err(TaskError { error: "States.Runtime".to_owned(), cause })));
    };
    let target = calling.scope.site.arn("lambda", format_args!("function:{}", function_name(function)));
    let empty = Value::Object(Map::new());
    let payload = parameters.get("Payload").unwrap_or(&empty).to_string();
    let delivery = Delivery {
        event_id: "",
        target_arn: &target,
        payload: &payload,
        caller: Some(calling.caller),
        bare_answer: calling.bare_function,
    };
    outbox::enqueue(calling.scope.work, &delivery, RetryPolicy::DEFAULT)?;
    Ok(CallOutcome::Pending)
}

/// Starts another execution; a `.sync` task is answered when that ends.
fn start(calling: &Calling<'_>, call: &ServiceCall<'_>) -> Result<CallOutcome, ApiError> {
    let service = if call.resource_type == "states" { "StepFunctions" } else { "Sfn" };
    let waiting = match call.pattern {
        Pattern::Sync => Some((calling.caller, false)),
        Pattern::Sync2 => Some((calling.caller, true)),
        Pattern::RequestResponse | Pattern::TaskToken => None,
    };
    let started = begin(calling.scope, &to_request(call.parameters), Begin::Soon { waiting })
        .map(|started| json!({ "ExecutionArn": started.arn, "StartDate": started.at.rfc3339_millis() }));
    Ok(CallOutcome::Answered(settle(service, started)?))
}
