//! StartExecution and StopExecution.

use rusqlite::OptionalExtension;
use serde_json::{Value, json};

use crate::{
    api::{context::Transaction, request, shape::validate},
    clock::{Timestamp, uuid},
    error::ApiError,
    outbox::queue::Caller,
    stepfunctions::{
        language::host::{Stimulus, TaskError},
        service::{
            machines,
            names::{arn_hash, check_data, check_execution_arn, check_name, execution_not_found},
            shapes,
        },
    },
};

/// A new execution, or the running one of an identical earlier request.
pub(super) struct Started {
    pub(super) arn: String,
    pub(super) at: Timestamp,
}

/// When a new execution takes its first step.
#[derive(Debug, Clone, Copy)]
pub(super) enum FirstStep {
    /// In this transaction.
    Now,
    /// In a later transaction, so that a workflow that starts itself does not block the writer.
    Later {
        /// The task that waits for the end, and whether it wants the output as JSON.
        waiting: Option<(Caller, bool)>,
    },
}

/// StartExecution. The first steps are part of the same commit.
pub(crate) fn start(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    let started = start_execution(tx, request, FirstStep::Now)?;
    Ok(json!({ "executionArn": started.arn, "startDate": started.at.epoch_seconds() }))
}

/// Starts an execution for a request with the members of StartExecution.
pub(super) fn start_execution(tx: &Transaction<'_>, request: &Value, begin: FirstStep) -> Result<Started, ApiError> {
    validate(request, shapes::START_EXECUTION)?;
    let machine_arn = request::text(request, "stateMachineArn")?;
    let (machine_name, revision) = machines::current(tx.db(), machine_arn)?;
    let name = match request::optional_text(request, "name")? {
        Some(name) => name.to_owned(),
        None => uuid(&*tx.context.rng),
    };
    check_name(&name)?;
    let input = request::optional_text(request, "input")?.unwrap_or("{}");
    // AWS words the error for an empty input differently.
    let checked = if input.is_empty() { Err("Invalid execution input.".to_owned()) } else { check_data(input) };
    checked.map_err(|reason| {
        ApiError::client("InvalidExecutionInput", format!("Invalid State Machine Execution Input: '{reason}'"))
    })?;
    let arn = tx.context.arn("states", format_args!("execution:{machine_name}:{name}"));
    if let Some(running) = find_running(tx, &arn, input)? {
        return Ok(running);
    }
    let waiting = match begin {
        FirstStep::Now => None,
        FirstStep::Later { waiting } => waiting,
    };
    tx.db()
        .prepare_cached(
            "INSERT INTO executions (arn, machine_arn, revision, name, status, input, started, parent_execution,
                 parent_task, parent_wants_json, trace_header, arn_hash)
             VALUES (?1, ?2, ?3, ?4, 'RUNNING', ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute((
            &arn,
            machine_arn,
            revision,
            &name,
            input,
            tx.now().millis(),
            waiting.map(|(caller, _)| caller.execution),
            waiting.map(|(caller, _)| caller.scheduled_event_id),
            waiting.map(|(_, wants_json)| wants_json),
            request::optional_text(request, "traceHeader")?,
            arn_hash(&arn),
        ))?;
    let execution = tx.db().last_insert_rowid();
    match begin {
        FirstStep::Now => tx.push_step(execution, Stimulus::Start),
        FirstStep::Later { .. } => {
            tx.db()
                .prepare_cached("INSERT INTO timers (execution, event, due) VALUES (?1, 0, ?2)")?
                .execute((execution, tx.now().millis()))?;
            tx.job.deadline_set(tx.now());
        }
    }
    Ok(Started { arn, at: tx.now() })
}

/// The running execution with the same name and input; an error if an execution of that name ended or has another
/// input.
fn find_running(tx: &Transaction<'_>, arn: &str, input: &str) -> Result<Option<Started>, ApiError> {
    let existing = tx
        .db()
        .prepare_cached(
            "SELECT status = 'RUNNING' AND input = ?3, started FROM executions WHERE arn_hash = ?1 AND arn = ?2",
        )?
        .query_row((arn_hash(arn), arn, input), |row| Ok((row.get::<_, bool>(0)?, Timestamp(row.get(1)?))))
        .optional()?;
    match existing {
        None => Ok(None),
        Some((true, at)) => Ok(Some(Started { arn: arn.to_owned(), at })),
        Some((false, _)) => {
            Err(ApiError::client("ExecutionAlreadyExists", format!("Execution Already Exists: '{arn}'")))
        }
    }
}

/// StopExecution. An ended execution is left unchanged.
pub(super) fn stop(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::STOP_EXECUTION)?;
    let arn = request::text(request, "executionArn")?;
    check_execution_arn(arn)?;
    let given = |name| Ok::<_, ApiError>(request::optional_text(request, name)?.unwrap_or_default().to_owned());
    let reason = TaskError { error: given("error")?, cause: given("cause")? };
    let (execution, stopped): (i64, Option<i64>) = tx
        .db()
        .prepare_cached("SELECT id, stopped FROM executions WHERE arn_hash = ?1 AND arn = ?2")?
        .query_row((arn_hash(arn), arn), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(|| execution_not_found(arn))?;
    if stopped.is_none() {
        tx.push_step(execution, Stimulus::Stop(reason));
    }
    let stopped = stopped.map_or(tx.now(), Timestamp);
    Ok(json!({ "stopDate": stopped.epoch_seconds() }))
}
