//! SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat.

use rusqlite::OptionalExtension;
use serde_json::Value;

use crate::{
    api::{context::Transaction, request, shape::validate},
    error::ApiError,
    stepfunctions::{
        language::host::{Stimulus, TaskError},
        service::{
            names::check_data,
            shapes, tasks,
            token::{Token, fingerprint},
        },
    },
};

pub(super) fn success(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::SEND_TASK_SUCCESS)?;
    let text = request::text(request, "taskToken")?;
    let output = request::optional_text(request, "output")?.unwrap_or_default();
    check_data(output).map_err(|reason| ApiError::client("InvalidOutput", format!("Invalid Output: '{reason}'")))?;
    let output = serde_json::from_str(output)
        .map_err(|error| ApiError::client("InvalidOutput", format!("Invalid Output: '{error}'")))?;
    answer_task(tx, text, Ok(output))
}

pub(super) fn failure(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::SEND_TASK_FAILURE)?;
    let text = request::text(request, "taskToken")?;
    let given = |name| Ok::<_, ApiError>(request::optional_text(request, name)?.unwrap_or_default().to_owned());
    let reason = TaskError { error: given("error")?, cause: given("cause")? };
    answer_task(tx, text, Err(reason))
}

pub(super) fn heartbeat(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::SEND_TASK_HEARTBEAT)?;
    let token = verify_token(tx, request::text(request, "taskToken")?)?;
    tasks::heartbeat(tx, token.execution, token.scheduled_event_id)?;
    Ok(Value::Null)
}

/// Closes the task of a token and answers it.
fn answer_task(tx: &Transaction<'_>, text: &str, answer: Result<Value, TaskError>) -> Result<Value, ApiError> {
    let Token { execution, scheduled_event_id, .. } = verify_token(tx, text)?;
    tracing::debug!(token = fingerprint(text), execution, task = scheduled_event_id, "a task is answered");
    // Closed now, so that a second answer in the same transaction finds no open task.
    tasks::close(tx, execution, scheduled_event_id)?;
    let stimulus = Stimulus::TaskAnswered { scheduled_event_id, answer };
    tx.push_step(execution, stimulus);
    Ok(Value::Null)
}

/// The content of a token whose task is open.
fn verify_token(tx: &Transaction<'_>, text: &str) -> Result<Token, ApiError> {
    let token = tx
        .context
        .token_key
        .verify(text)
        .ok_or_else(|| ApiError::client("InvalidToken", "Invalid Token: 'Invalid token'"))?;
    let is_open = tx
        .db()
        .prepare_cached(
            // A task whose deadline has passed is over, even if the timer loop has not closed it yet.
            "SELECT 1 FROM open_tasks WHERE execution = ?1 AND task = ?2 AND nonce = ?3
                 AND (due IS NULL OR due > ?4)",
        )?
        .query_row((token.execution, token.scheduled_event_id, token.nonce.as_slice(), tx.now().millis()), |_| Ok(()))
        .optional()?;
    match is_open {
        Some(()) => Ok(token),
        None => {
            tracing::debug!(token = fingerprint(text), "a spent task token was sent");
            let message = "Task Timed Out: 'Provided task does not exist anymore'";
            Err(ApiError::client("TaskTimedOut", message))
        }
    }
}
