//! The service calls of Task states, made in the transaction of the step.

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use crate::{
    api::context::{Operation, Transaction},
    clock::{Timestamp, uuid},
    dynamodb,
    error::ApiError,
    eventbridge::{self, put::put},
    lambda::names::function_name,
    outbox::{
        queue::{self, Caller, Delivery},
        retry_policy::RetryPolicy,
    },
    stepfunctions::{
        language::{
            date_time::rfc3339_millis,
            host::{CallOutcome, Pattern, ServiceCall, TaskError},
        },
        service::{
            casing::{operation_name, to_request, to_result},
            operations,
            start::{FirstStep, start_execution},
        },
    },
};

/// The caller and its transaction.
pub(super) struct CallContext<'c> {
    pub(super) tx: &'c Transaction<'c>,
    pub(super) caller: Caller,
    /// The ARNs of the state machine and of the execution.
    pub(super) arns: &'c [String; 2],
    /// Whether the resource of the task is a function ARN.
    pub(super) bare_function: bool,
}

/// Makes the call.
pub(super) fn call(call_context: &CallContext<'_>, call: &ServiceCall<'_>) -> Result<CallOutcome, ApiError> {
    let parameters = call.parameters;
    match (call.resource_type, call.action) {
        ("lambda", "invoke") => return invoke(call_context, parameters),
        ("events", "putEvents") => {
            let answer = put(call_context.tx, &with_text_details(parameters), call_context.arns);
            let answer = Service::EventBridge.to_task_result(call_context.tx, answer)?;
            return Ok(CallOutcome::Answered(require_accepted_entries(answer)));
        }
        ("states", "startExecution") => return start(call_context, call),
        _ => {}
    }
    let name = operation_name(call.action);
    let outcome = match call.resource_type {
        "dynamodb" => Service::DynamoDb.to_task_result(
            call_context.tx,
            run(call_context.tx, dynamodb::operations::operation(&name), parameters),
        )?,
        "aws-sdk:dynamodb" => Service::SdkDynamoDb.to_task_result(
            call_context.tx,
            run(call_context.tx, dynamodb::operations::operation(&name), parameters),
        )?,
        "aws-sdk:eventbridge" => {
            let answer =
                run(call_context.tx, eventbridge::operations::operation(&name), &with_text_details(parameters));
            Service::EventBridge.to_task_result(call_context.tx, answer)?
        }
        "aws-sdk:sfn" => {
            // Starts in a transaction of its own, like `states:startExecution`.
            if name == "StartExecution" {
                return start(call_context, call);
            }
            let answer = run(call_context.tx, operations::operation(&name), &to_request(parameters)).map(to_result);
            Service::SdkStepFunctions.to_task_result(call_context.tx, answer)?
        }
        other => Err(unsupported(other, call.action)),
    };
    Ok(CallOutcome::Answered(outcome))
}

fn unsupported(resource_type: &str, action: &str) -> TaskError {
    TaskError { error: "States.Runtime".to_owned(), cause: format!("This engine has no {resource_type}:{action}.") }
}

/// Runs `work`. If it fails, its changes are rolled back and the step continues, so that the workflow can catch the
/// error.
fn with_savepoint<T>(db: &Connection, work: impl FnOnce() -> Result<T, ApiError>) -> Result<T, ApiError> {
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

/// Runs an operation in the transaction of the step. An error leaves no changes of the operation behind.
fn run(tx: &Transaction<'_>, operation: Option<Operation>, request: &Value) -> Result<Value, ApiError> {
    let unknown = || ApiError::client("UnknownOperationException", "There is no such operation.");
    let operation = operation.ok_or_else(unknown)?;
    let answer = if operation.needs_rollback() {
        with_savepoint(tx.db(), || operation.run_within(tx, request))?
    } else {
        // Without a savepoint, for which SQLite would copy each page that the call changes.
        let changes = tx.db().total_changes();
        operation.run_within(tx, request).map_err(|error| {
            if tx.db().total_changes() == changes {
                return error;
            }
            ApiError::internal(format!("an operation had changed something when it was refused: {error}"))
        })?
    };
    // To a workflow, an operation without output returns an empty object.
    Ok(if answer.is_null() { Value::Object(Map::new()) } else { answer })
}

/// A kind of integration. Each words the errors of the service that it calls in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    /// `dynamodb:…`
    DynamoDb,
    /// `states:…`
    StepFunctions,
    /// `aws-sdk:dynamodb:…`
    SdkDynamoDb,
    /// `aws-sdk:sfn:…`
    SdkStepFunctions,
    /// `events:…` and `aws-sdk:eventbridge:…`
    EventBridge,
}

impl Service {
    /// The prefix of error names, the service name in causes, and the error name for codes that the service model does
    /// not have.
    fn error_names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::DynamoDb => ("DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException"),
            Self::StepFunctions => ("StepFunctions", "AWSStepFunctions", "AWSStepFunctionsException"),
            Self::SdkDynamoDb => ("DynamoDb", "DynamoDb", "DynamoDbException"),
            Self::SdkStepFunctions => ("Sfn", "Sfn", "SfnException"),
            Self::EventBridge => ("EventBridge", "EventBridge", "EventBridgeException"),
        }
    }

    /// Whether the service model has an error of this code.
    fn has_error(self, code: &str) -> bool {
        match code {
            "ValidationException" => matches!(self, Self::StepFunctions | Self::SdkStepFunctions),
            "SerializationException" | "UnknownOperationException" => false,
            _ => true,
        }
    }

    /// Separates errors that the workflow can catch from failures of the store, which roll back the step.
    fn to_task_result(
        self,
        tx: &Transaction<'_>,
        answer: Result<Value, ApiError>,
    ) -> Result<Result<Value, TaskError>, ApiError> {
        match answer {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) if error.status >= 500 => Err(error),
            Err(error) => Ok(Err(self.to_task_error(&error, &uuid(&*tx.context.rng)))),
        }
    }

    fn to_task_error(self, error: &ApiError, request: &str) -> TaskError {
        let (prefix, service, other) = self.error_names();
        let ApiError { code, message, status, .. } = error;
        let name = match code {
            code if !self.has_error(code) => other.to_owned(),
            code if code.ends_with("Exception") => (*code).to_owned(),
            code => format!("{code}Exception"),
        };
        // Optimised integrations use version 1 of the Java SDK, the others version 2.
        let cause = match self {
            Self::DynamoDb | Self::StepFunctions => format!(
                "{message} (Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {request}; Proxy: null)"
            ),
            Self::SdkDynamoDb | Self::SdkStepFunctions | Self::EventBridge => format!(
                "{message} (Service: {service}, Status Code: {status}, Request ID: {request}) (SDK Attempt Count: 1)"
            ),
        };
        TaskError { error: format!("{prefix}.{name}"), cause }
    }
}

/// The wire request of PutEvents. A workflow may give `Detail` as JSON and `Time` as text.
fn with_text_details(parameters: &Value) -> Value {
    let mut request = parameters.clone();
    for entry in request.get_mut("Entries").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(detail) = entry.get_mut("Detail").filter(|detail| !detail.is_string()) {
            *detail = Value::String(detail.to_string());
        }
        // A workflow writes times as text, as `$$.State.EnteredTime`; the wire has seconds.
        if let Some(time) = entry.get_mut("Time")
            && let Some(millis) = time.as_str().and_then(rfc3339_millis)
        {
            *time = Timestamp(millis).epoch_seconds().into();
        }
    }
    request
}

/// A rejected entry fails the task.
fn require_accepted_entries(answer: Result<Value, TaskError>) -> Result<Value, TaskError> {
    let answer = answer?;
    if answer.get("FailedEntryCount").and_then(Value::as_i64) == Some(0) {
        return Ok(answer);
    }
    Err(TaskError { error: "EventBridge.FailedEntry".to_owned(), cause: answer.to_string() })
}

/// Adds the invocation to the outbox: it is made after the commit, and repeated if the process ends before the response.
fn invoke(call_context: &CallContext<'_>, parameters: &Value) -> Result<CallOutcome, ApiError> {
    let Some(function) = parameters.get("FunctionName").and_then(Value::as_str) else {
        let cause = "The parameter FunctionName is missing.".to_owned();
        return Ok(CallOutcome::Answered(Err(TaskError { error: "States.Runtime".to_owned(), cause })));
    };
    let target = call_context.tx.context.arn("lambda", format_args!("function:{}", function_name(function)));
    let empty = Value::Object(Map::new());
    let payload = parameters.get("Payload").unwrap_or(&empty).to_string();
    let delivery = Delivery {
        event_id: "",
        rule: "",
        detail_type: "",
        target_arn: &target,
        payload: &payload,
        caller: Some(call_context.caller),
        bare_answer: call_context.bare_function,
    };
    queue::enqueue(call_context.tx.job, &delivery, RetryPolicy::DEFAULT)?;
    Ok(CallOutcome::Pending)
}

/// Starts another execution. A `.sync` task is answered when that execution ends.
fn start(call_context: &CallContext<'_>, call: &ServiceCall<'_>) -> Result<CallOutcome, ApiError> {
    let service = if call.resource_type == "states" { Service::StepFunctions } else { Service::SdkStepFunctions };
    let waiting = match call.pattern {
        Pattern::Sync => Some((call_context.caller, false)),
        Pattern::Sync2 => Some((call_context.caller, true)),
        Pattern::RequestResponse | Pattern::TaskToken => None,
    };
    let started = start_execution(call_context.tx, &to_request(call.parameters), FirstStep::Later { waiting })
        .map(|started| json!({ "ExecutionArn": started.arn, "StartDate": started.at.rfc3339_millis() }));
    Ok(CallOutcome::Answered(service.to_task_result(call_context.tx, started)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_a_definition_is_an_operation() {
        use crate::stepfunctions::language::definition::SDK_ACTIONS;
        for (service, actions) in SDK_ACTIONS {
            for action in actions {
                let name = operation_name(action);
                let exists = match service {
                    "dynamodb" => dynamodb::operations::operation(&name).is_some(),
                    "eventbridge" => eventbridge::operations::operation(&name).is_some(),
                    _ => operations::operation(&name).is_some(),
                };
                assert!(exists, "{service}:{action}");
            }
        }
    }

    #[test]
    fn errors_of_services_are_named_and_worded_as_in_aws() {
        let missing = ApiError::client("ResourceNotFoundException", "Requested resource not found");
        let invalid = ApiError::validation("bad");
        let token = ApiError::client("InvalidToken", "Invalid Token: 'Invalid token'");
        let old = |service: &str, code: &str| {
            format!("(Service: {service}; Status Code: 400; Error Code: {code}; Request ID: r; Proxy: null)")
        };
        let new =
            |service: &str| format!("(Service: {service}, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)");
        for (service, error, name, explained) in [
            (
                Service::DynamoDb,
                &missing,
                "DynamoDB.ResourceNotFoundException",
                old("AmazonDynamoDBv2", "ResourceNotFoundException"),
            ),
            (
                Service::DynamoDb,
                &invalid,
                "DynamoDB.AmazonDynamoDBException",
                old("AmazonDynamoDBv2", "ValidationException"),
            ),
            (Service::SdkDynamoDb, &missing, "DynamoDb.ResourceNotFoundException", new("DynamoDb")),
            (Service::SdkDynamoDb, &invalid, "DynamoDb.DynamoDbException", new("DynamoDb")),
            (Service::SdkStepFunctions, &token, "Sfn.InvalidTokenException", new("Sfn")),
            (Service::SdkStepFunctions, &invalid, "Sfn.ValidationException", new("Sfn")),
            (
                Service::StepFunctions,
                &token,
                "StepFunctions.InvalidTokenException",
                old("AWSStepFunctions", "InvalidToken"),
            ),
            (Service::EventBridge, &missing, "EventBridge.ResourceNotFoundException", new("EventBridge")),
        ] {
            let task_error = service.to_task_error(error, "r");
            assert_eq!((task_error.error.as_str(), task_error.cause), (name, format!("{} {explained}", error.message)));
        }
    }
}
