//! What the interpreter asks of its surroundings.
//!
//! The interpreter is pure: it decides, and the host does. The store implements [`Host`] inside one transaction, so a
//! step, its effect on a table, the events it emits and the history that tells of it become durable together.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{clock::Timestamp, error::ApiError, stepfunctions::language::history::HistoryEvent};

/// How a task ends when it does not succeed: an error name such as `States.Timeout` and a cause for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskError {
    /// The error name that `Retry` and `Catch` compare.
    pub error: String,
    /// What happened, in words or JSON.
    pub cause: String,
}

/// What became of a service call that a Task state made.
#[derive(Debug, Clone, PartialEq)]
pub enum CallOutcome {
    /// The service answered within the same commit.
    Answered(Result<Value, TaskError>),
    /// The service's answer comes later as [`Stimulus::CallAnswered`] (a function invocation).
    Pending,
}

/// What a task waits for after its call; the suffix of its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// No suffix: the call's own answer is the task's output.
    RequestResponse,
    /// `.waitForTaskToken`: whoever holds the token answers.
    TaskToken,
    /// `.sync`: the job answers when it ends, its output as JSON text. The host remembers which execution the call
    /// started and sends [`Stimulus::TaskAnswered`] when that ends.
    Sync,
    /// `.sync:2`: as [`Pattern::Sync`], its output as JSON.
    Sync2,
}

/// A service call of a Task state, with its parameters resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceCall<'a> {
    /// `events`, `dynamodb`, `lambda`, `states`, `aws-sdk:sfn`, `aws-sdk:dynamodb`, …
    pub resource_type: &'a str,
    /// `putEvents`, `updateItem`, `listExecutions`, … without `.waitForTaskToken` or `.sync:2`.
    pub action: &'a str,
    /// What the task waits for.
    pub pattern: Pattern,
    /// The resolved `Parameters`. For a function named by its own ARN: `{"FunctionName": arn, "Payload": input}`
    /// with resource type `lambda` and action `invoke`; the answer is then the payload itself.
    pub parameters: &'a Value,
    /// Id of the `TaskScheduled` event (or `LambdaFunctionScheduled`), by which a later answer names the task.
    pub scheduled_event_id: i64,
}

/// Deadlines of a task that waits, from `TimeoutSeconds` and `HeartbeatSeconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deadlines {
    /// When the task times out whatever happens.
    pub timeout: Option<Timestamp>,
    /// Milliseconds that may pass between heartbeats; the first deadline is now plus this.
    pub heartbeat_interval_ms: Option<i64>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub enum ExecutionEnd {
    /// `SUCCEEDED` with its output.
    Succeeded(Value),
    /// `FAILED`.
    Failed(TaskError),
    /// `TIMED_OUT`, by the state machine's own `TimeoutSeconds`.
    TimedOut(TaskError),
    /// `ABORTED`, by StopExecution.
    Aborted(TaskError),
}

/// What moves a waiting execution on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Stimulus {
    /// The execution begins.
    Start,
    /// A step that had to pause goes on with the states that it left in the queue.
    Resume,
    /// The answer to a call that was [`CallOutcome::Pending`].
    CallAnswered {
        /// Id of the task's `TaskScheduled` event.
        scheduled_event_id: i64,
        /// What the service answered.
        answer: Result<Value, TaskError>,
    },
    /// SendTaskSuccess or SendTaskFailure, or the end of the job that a `.sync` task started.
    TaskAnswered {
        /// Id of the task's `TaskScheduled` event.
        scheduled_event_id: i64,
        /// Output, or error and cause.
        answer: Result<Value, TaskError>,
    },
    /// A deadline of [`Deadlines`] has passed.
    TaskTimedOut {
        /// Id of the task's `TaskScheduled` event.
        scheduled_event_id: i64,
        /// True when the heartbeat, not the time-out, ran out.
        heartbeat: bool,
    },
    /// A timer set by [`Host::set_timer`] has passed: a Wait state, the pause before a retry, or, with event id 1, the
    /// state machine's own `TimeoutSeconds`.
    TimerFired {
        /// Id of the event that set the timer.
        event_id: i64,
    },
    /// StopExecution.
    Stop(TaskError),
}

/// A state that an execution has still to enter.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuedState {
    /// Its place in the queue of the execution, from 1.
    pub position: i64,
    /// The line of control that enters it.
    pub strand: u32,
    /// The name of the state.
    pub name: String,
    /// States with the same number have the same input: the position of the first of them.
    pub input_id: i64,
    /// The input of the state.
    pub input: Arc<Value>,
}

/// What has become of an execution's queue of states since it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueChange {
    /// Positions of stored states that do not wait any more. They are taken out before any is added.
    pub removed: Vec<i64>,
    /// States to store, in order.
    pub added: Vec<QueuedState>,
    /// Whether nothing waits any more. Otherwise the host sends [`Stimulus::Resume`] in a later transaction.
    pub is_empty: bool,
}

/// The surroundings of one execution during one step. All effects belong to one transaction.
///
/// An `Err` means that the store itself failed: the whole step is rolled back and told to the caller.
pub trait Host {
    /// The time now; the same for a whole step.
    fn now(&self) -> Timestamp;
    /// A new task token for the task whose `TaskScheduled` event will have this id.
    fn new_task_token(&mut self, scheduled_event_id: i64) -> String;
    /// A random version 4 UUID (`States.UUID`).
    fn new_uuid(&mut self) -> String;
    /// 64 random bits (`States.MathRandom` without a seed, retry jitter).
    fn random(&mut self) -> u64;
    /// Whether this transaction has done enough: the states that are still to be entered wait for the next one.
    fn must_pause(&self) -> bool;
    /// Stores the queue of a step that had to pause, or what has become of it since.
    fn store_queue(&mut self, change: QueueChange) -> Result<(), ApiError>;
    /// Makes a history event durable.
    fn append(&mut self, event: &HistoryEvent) -> Result<(), ApiError>;
    /// Calls a service.
    fn call(&mut self, call: ServiceCall<'_>) -> Result<CallOutcome, ApiError>;
    /// Opens a task that waits: for its token when `token` is given, otherwise for the answer to a pending call or for
    /// the end of a `.sync` job. Called once, after [`Host::call`].
    fn open_task(&mut self, scheduled_event_id: i64, token: Option<&str>, deadlines: Deadlines)
    -> Result<(), ApiError>;
    /// Closes a waiting task; its token is spent and its deadlines are forgotten.
    fn close_task(&mut self, scheduled_event_id: i64) -> Result<(), ApiError>;
    /// Asks for [`Stimulus::TimerFired`] at `due`.
    fn set_timer(&mut self, event_id: i64, due: Timestamp) -> Result<(), ApiError>;
    /// Forgets a timer.
    fn cancel_timer(&mut self, event_id: i64) -> Result<(), ApiError>;
    /// The execution has ended. All its tasks and timers are closed by the host.
    fn finish(&mut self, end: &ExecutionEnd) -> Result<(), ApiError>;
}
