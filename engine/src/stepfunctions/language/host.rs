//! The interface between the interpreter and its host.
//!
//! The interpreter decides, and the host carries out all effects. The service implements [`Host`] in one transaction,
//! so a step, its writes to tables, the events it emits and its history become durable together.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{clock::Timestamp, error::ApiError, stepfunctions::language::history_event::HistoryEvent};

/// The failure of a task: an error name such as `States.Timeout`, and a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TaskError {
    /// The error name, which `Retry` and `Catch` compare.
    pub(crate) error: String,
    /// Details, as text or JSON.
    pub(crate) cause: String,
}

/// The outcome of a service call of a Task state.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CallOutcome {
    /// The service answered in the same commit.
    Answered(Result<Value, TaskError>),
    /// The answer comes later as [`Stimulus::CallAnswered`] (a function invocation).
    Pending,
}

/// What a task waits for after its call; the suffix of its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// No suffix: the answer of the call is the output of the task.
    RequestResponse,
    /// `.waitForTaskToken`: the holder of the token answers.
    TaskToken,
    /// `.sync`: the task is answered when the job ends, with the output as JSON text. The host remembers which
    /// execution the call started and sends [`Stimulus::TaskAnswered`] when it ends.
    Sync,
    /// `.sync:2`: like [`Pattern::Sync`], with the output as JSON.
    Sync2,
}

/// A service call of a Task state, with its parameters resolved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ServiceCall<'a> {
    /// `events`, `dynamodb`, `lambda`, `states`, `aws-sdk:sfn`, `aws-sdk:dynamodb`, …
    pub(crate) resource_type: &'a str,
    /// `putEvents`, `updateItem`, `listExecutions`, … without `.waitForTaskToken` or `.sync:2`.
    pub(crate) action: &'a str,
    /// What the task waits for.
    pub(crate) pattern: Pattern,
    /// The resolved `Parameters`. For a function ARN as resource: `{"FunctionName": arn, "Payload": input}` with
    /// resource type `lambda` and action `invoke`; the answer is then the payload itself.
    pub(crate) parameters: &'a Value,
    /// The id of the `TaskScheduled` or `LambdaFunctionScheduled` event, which later answers refer to.
    pub(crate) scheduled_event_id: i64,
}

/// The deadlines of a waiting task, from `TimeoutSeconds` and `HeartbeatSeconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Deadlines {
    /// When the task times out, with or without heartbeats.
    pub(crate) timeout: Option<Timestamp>,
    /// The maximum interval between heartbeats in milliseconds; the first one ends after the interval from now.
    pub(crate) heartbeat_interval_ms: Option<i64>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ExecutionEnd {
    /// `SUCCEEDED` with its output.
    Succeeded(Value),
    /// `FAILED`.
    Failed(TaskError),
    /// `TIMED_OUT`, by the `TimeoutSeconds` of the state machine.
    TimedOut(TaskError),
    /// `ABORTED`, by StopExecution.
    Aborted(TaskError),
}

/// What advances a waiting execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Stimulus {
    /// The execution begins.
    Start,
    /// A step that paused continues with the states in its queue.
    Resume,
    /// The answer to a [`CallOutcome::Pending`] call.
    CallAnswered {
        /// The id of the task's `TaskScheduled` event.
        scheduled_event_id: i64,
        /// The answer of the service.
        answer: Result<Value, TaskError>,
    },
    /// SendTaskSuccess or SendTaskFailure, or the end of the job that a `.sync` task started.
    TaskAnswered {
        /// The id of the task's `TaskScheduled` event.
        scheduled_event_id: i64,
        /// The output, or the error and cause.
        answer: Result<Value, TaskError>,
    },
    /// A deadline of [`Deadlines`] has passed.
    TaskTimedOut {
        /// The id of the task's `TaskScheduled` event.
        scheduled_event_id: i64,
        /// Whether the heartbeat, not the time-out, ran out.
        heartbeat: bool,
    },
    /// A timer of [`Host::set_timer`] has fired: a Wait state, the pause before a retry, or, with event id 1, the
    /// `TimeoutSeconds` of the state machine.
    TimerFired {
        /// The id of the event that set the timer.
        event_id: i64,
    },
    /// StopExecution.
    Stop(TaskError),
}

/// A state that an execution has to enter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueuedState {
    /// Its position in the queue of the execution, from 1.
    pub(crate) position: i64,
    /// The strand that enters it.
    pub(crate) strand: u32,
    /// The name of the state.
    pub(crate) name: String,
    /// The position of the first state with the same input.
    pub(crate) input_id: i64,
    /// The input of the state.
    pub(crate) input: Arc<Value>,
}

/// The changes to an execution's queue of states since it was stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueueChange {
    /// Positions of stored states that are no longer queued; removed before any is added.
    pub(crate) removed: Vec<i64>,
    /// States to store, in order.
    pub(crate) added: Vec<QueuedState>,
    /// Whether the queue is empty. Otherwise the host sends [`Stimulus::Resume`] in a later transaction.
    pub(crate) is_empty: bool,
}

/// The host of one execution during one step. All effects belong to one transaction.
///
/// An `Err` means that the store failed: the whole step is rolled back and the caller gets the error.
pub(crate) trait Host {
    /// The current time, constant during a step.
    fn now(&self) -> Timestamp;
    /// Issues a task token for the task whose `TaskScheduled` event will have this id.
    fn new_task_token(&mut self, scheduled_event_id: i64) -> String;
    /// A random version 4 UUID (`States.UUID`).
    fn new_uuid(&mut self) -> String;
    /// 64 random bits (`States.MathRandom` without a seed, retry jitter).
    fn random(&mut self) -> u64;
    /// Whether the transaction has done enough, so that the queued states have to wait for the next one.
    fn must_pause(&self) -> bool;
    /// Stores the queue of a paused step, or its changes.
    fn store_queue(&mut self, change: QueueChange) -> Result<(), ApiError>;
    /// Appends an event to the history.
    fn append(&mut self, event: &HistoryEvent) -> Result<(), ApiError>;
    /// Calls a service.
    fn call(&mut self, call: ServiceCall<'_>) -> Result<CallOutcome, ApiError>;
    /// Opens a task that waits for its token if `token` is given, otherwise for the answer to a pending call or for the
    /// end of a `.sync` job. Called once, after [`Host::call`].
    fn open_task(&mut self, scheduled_event_id: i64, token: Option<&str>, deadlines: Deadlines)
    -> Result<(), ApiError>;
    /// Closes a waiting task: its token becomes invalid and its deadlines are deleted.
    fn close_task(&mut self, scheduled_event_id: i64) -> Result<(), ApiError>;
    /// Requests [`Stimulus::TimerFired`] at `due`.
    fn set_timer(&mut self, event_id: i64, due: Timestamp) -> Result<(), ApiError>;
    /// Deletes a timer.
    fn cancel_timer(&mut self, event_id: i64) -> Result<(), ApiError>;
    /// The execution has ended. The host closes all its tasks and timers.
    fn finish(&mut self, end: &ExecutionEnd) -> Result<(), ApiError>;
}
