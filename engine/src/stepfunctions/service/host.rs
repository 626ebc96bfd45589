//! The host of the interpreter: carries out its effects in the transaction.

use rusqlite::OptionalExtension;
use serde_json::{Value, json};

use crate::{
    api::context::Transaction,
    clock::{Timestamp, uuid},
    error::ApiError,
    outbox::queue::Caller,
    stepfunctions::{
        language::{
            history_event::{EventKind, HistoryEvent},
            host::{CallOutcome, Deadlines, ExecutionEnd, Host, QueueChange, ServiceCall, Stimulus, TaskError},
        },
        service::{
            calls::{self, CallContext},
            deferred_steps,
            describe::redrive_status_reason,
            history, retention, tasks,
        },
    },
};

/// Minimum size that an event counts for, so that a commit has at most 4,096 events before it pauses: small events take
/// time too.
const MIN_EVENT_BYTES: usize = 256;

/// The host of one execution during one step.
pub(super) struct ExecutionHost<'s> {
    tx: &'s Transaction<'s>,
    execution: i64,
    /// The ARNs of the state machine and of the execution, which become `resources` of the events that it puts.
    arns: [String; 2],
    /// The id of the last `LambdaFunctionScheduled` event: its resource is a function ARN, and its result the bare
    /// payload.
    bare_function_task: Option<i64>,
    /// The state that was entered or exited last.
    last_state: Option<String>,
    /// The events that [`ExecutionHost::write_history`] has to write.
    history: history::EventBatch,
}

impl<'s> ExecutionHost<'s> {
    pub(super) fn new(tx: &'s Transaction<'s>, execution: i64, arns: [String; 2]) -> Self {
        Self {
            tx,
            execution,
            arns,
            bare_function_task: None,
            last_state: None,
            history: history::EventBatch::default(),
        }
    }

    /// Writes the pending events of the step.
    pub(super) fn write_history(&mut self) -> Result<(), ApiError> {
        self.history.write(self.tx.db(), self.execution)
    }
}

impl Host for ExecutionHost<'_> {
    fn now(&self) -> Timestamp {
        self.tx.now()
    }

    fn new_task_token(&mut self, scheduled_event_id: i64) -> String {
        self.tx.context.token_key.issue(&*self.tx.context.rng, self.execution, scheduled_event_id)
    }

    fn new_uuid(&mut self) -> String {
        uuid(&*self.tx.context.rng)
    }

    fn random(&mut self) -> u64 {
        let mut bytes = [0u8; 8];
        self.tx.context.rng.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn must_pause(&self) -> bool {
        self.tx.job.allowance.is_spent()
    }

    fn store_queue(&mut self, change: QueueChange) -> Result<(), ApiError> {
        deferred_steps::store_state_queue(self.tx, self.execution, change)
    }

    fn append(&mut self, event: &HistoryEvent) -> Result<(), ApiError> {
        if matches!(event.kind, EventKind::LambdaFunctionScheduled { .. }) {
            self.bare_function_task = Some(event.id);
        }
        if let EventKind::StateEntered { name, .. } | EventKind::StateExited { name, .. } = &event.kind {
            self.last_state = Some(name.clone());
        }
        let bytes = self.history.add(self.tx.db(), self.execution, event)?;
        self.tx.job.allowance.spend(bytes.max(MIN_EVENT_BYTES));
        Ok(())
    }

    fn call(&mut self, call: ServiceCall<'_>) -> Result<CallOutcome, ApiError> {
        if call.resource_type == "aws-sdk:sfn" {
            // A workflow may read its own history.
            self.write_history()?;
        }
        let call_context = CallContext {
            tx: self.tx,
            caller: Caller { execution: self.execution, scheduled_event_id: call.scheduled_event_id },
            arns: &self.arns,
            bare_function: self.bare_function_task == Some(call.scheduled_event_id),
        };
        calls::call(&call_context, &call)
    }

    fn open_task(
        &mut self,
        scheduled_event_id: i64,
        token: Option<&str>,
        deadlines: Deadlines,
    ) -> Result<(), ApiError> {
        let token = token.and_then(|text| self.tx.context.token_key.verify(text));
        let nonce = token.as_ref().map(|token| token.nonce.as_slice());
        tasks::open(self.tx, self.execution, scheduled_event_id, nonce, deadlines)
    }

    fn close_task(&mut self, scheduled_event_id: i64) -> Result<(), ApiError> {
        tasks::close(self.tx, self.execution, scheduled_event_id)?;
        // If the task was answered because the other execution ended, that one is not running any more.
        tasks::stop_awaited(self.tx, self.execution, Some(scheduled_event_id))
    }

    fn set_timer(&mut self, event_id: i64, due: Timestamp) -> Result<(), ApiError> {
        tasks::set_timer(self.tx, self.execution, event_id, due)
    }

    fn cancel_timer(&mut self, event_id: i64) -> Result<(), ApiError> {
        tasks::cancel_timer(self.tx, self.execution, event_id)
    }

    fn finish(&mut self, end: &ExecutionEnd) -> Result<(), ApiError> {
        let (status, output, reason) = match end {
            ExecutionEnd::Succeeded(output) => ("SUCCEEDED", Some(output), None),
            ExecutionEnd::Failed(reason) => ("FAILED", None, Some(reason)),
            // The error is only in the history; AWS describes such an execution without one.
            ExecutionEnd::TimedOut(_) => ("TIMED_OUT", None, None),
            ExecutionEnd::Aborted(reason) => ("ABORTED", None, Some(reason)),
        };
        // AWS treats an empty string like a missing member.
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        self.tx
            .db()
            .prepare_cached(
                "UPDATE executions SET status = ?2, output = ?3, error = ?4, cause = ?5, stopped = ?6 WHERE id = ?1",
            )?
            .execute((
                self.execution,
                status,
                output.map(Value::to_string),
                reason.and_then(|reason| given(&reason.error)),
                reason.and_then(|reason| given(&reason.cause)),
                self.tx.now().millis(),
            ))?;
        if let Some(state) = &self.last_state {
            retention::schedule_early_deletion(self.tx.db(), self.execution, state, self.tx.now())?;
        }
        tasks::close_all(self.tx, self.execution)?;
        tasks::stop_awaited(self.tx, self.execution, None)?;
        self.notify_parent(status)
    }
}

impl ExecutionHost<'_> {
    /// Answers the task of another execution that waits for the end of this one.
    fn notify_parent(&self, status: &str) -> Result<(), ApiError> {
        type Row = (i64, i64, Option<bool>, Value);
        let found: Option<Row> = self
            .tx
            .db()
            .prepare_cached(
                "SELECT parent_execution, parent_task, parent_wants_json, arn, machine_arn, name, input, output,
                     started, stopped, error, cause FROM executions
                 WHERE id = ?1 AND parent_execution IS NOT NULL AND parent_task IS NOT NULL",
            )?
            .query_row([self.execution], |row| {
                // In AWS's order, because this becomes the text of the cause of a failure.
                let description = json!({
                    "Cause": row.get::<_, Option<String>>(11)?,
                    "Error": row.get::<_, Option<String>>(10)?,
                    "ExecutionArn": row.get::<_, String>(3)?,
                    "Input": row.get::<_, String>(6)?,
                    "InputDetails": { "Included": true },
                    "Name": row.get::<_, String>(5)?,
                    "Output": row.get::<_, Option<String>>(7)?,
                    "OutputDetails": row.get::<_, Option<String>>(7)?.map(|_| json!({ "Included": true })),
                    "RedriveCount": 0,
                    "RedriveStatus": "NOT_REDRIVABLE",
                    "RedriveStatusReason": redrive_status_reason(status),
                    "StartDate": row.get::<_, i64>(8)?,
                    "StateMachineArn": row.get::<_, String>(4)?,
                    "Status": status,
                    "StopDate": row.get::<_, Option<i64>>(9)?,
                });
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, description))
            })
            .optional()?;
        let Some((execution, scheduled_event_id, wants_json, description)) = found else { return Ok(()) };
        let description = to_description(description, wants_json == Some(true));
        let answer = if status == "SUCCEEDED" {
            Ok(description)
        } else {
            Err(TaskError { error: "States.TaskFailed".to_owned(), cause: description.to_string() })
        };
        let stimulus = Stimulus::TaskAnswered { scheduled_event_id, answer };
        self.tx.push_step(execution, stimulus);
        Ok(())
    }
}

/// Removes absent members. With `as_json` the input and output are JSON, not text.
fn to_description(description: Value, as_json: bool) -> Value {
    let Value::Object(members) = description else { return description };
    let members = members.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| {
        let parsed = match &value {
            Value::String(text) if as_json && (name == "Input" || name == "Output") => serde_json::from_str(text).ok(),
            _ => None,
        };
        (name, parsed.unwrap_or(value))
    });
    Value::Object(members.collect())
}
