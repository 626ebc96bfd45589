//! The history of an execution: the events that are stored, and their shape in `GetExecutionHistory`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;

mod wire;

/// The largest number of events one execution may have; AWS's quota for standard workflows.
pub const MAX_EVENTS: i64 = 25_000;

/// One event of an execution's history, append-only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryEvent {
    /// 1 for the first event, then one more for each.
    pub id: i64,
    /// The event of the same branch that came before; 0 when there is none.
    pub previous_event_id: i64,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened.
    pub kind: EventKind,
}

/// The seven state types, as event names carry them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the Amazon States Language")]
pub enum StateType {
    Task,
    Choice,
    Pass,
    Wait,
    Succeed,
    Fail,
    Parallel,
    Map,
}

impl StateType {
    /// The word of the `Type` field.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Task => "Task",
            Self::Choice => "Choice",
            Self::Pass => "Pass",
            Self::Wait => "Wait",
            Self::Succeed => "Succeed",
            Self::Fail => "Fail",
            Self::Parallel => "Parallel",
            Self::Map => "Map",
        }
    }
}

/// The service and the action of a task, as its events name them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// `events`, `dynamodb`, `lambda`, `states`, `aws-sdk:sfn`, …
    pub resource_type: String,
    /// `putEvents.waitForTaskToken`, `getItem`, …
    pub resource: String,
}

/// An error name and its cause, as failing events carry them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Failure {
    /// The error name; absent when nobody gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The cause; absent when nobody gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// What happened. Inputs, outputs and parameters are JSON values here and JSON text on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of AWS's HistoryEvent")]
pub enum EventKind {
    ExecutionStarted {
        input: Value,
        role_arn: String,
    },
    ExecutionSucceeded {
        output: Value,
    },
    ExecutionFailed(Failure),
    ExecutionAborted(Failure),
    ExecutionTimedOut(Failure),
    StateEntered {
        state_type: StateType,
        name: String,
        input: Value,
        /// The error and cause of a Fail state, computed as it is entered; not on the wire.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
    StateExited {
        state_type: StateType,
        name: String,
        output: Value,
    },
    /// A state that was still running when a sibling failed: `TaskStateAborted`, `WaitStateAborted`, ….
    StateAborted {
        state_type: StateType,
    },
    TaskScheduled {
        on: Resource,
        region: String,
        parameters: Value,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_in_seconds: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heartbeat_in_seconds: Option<i64>,
    },
    TaskStarted {
        on: Resource,
    },
    /// The service has taken the request; the task now waits for its token or for the job to end.
    TaskSubmitted {
        on: Resource,
        output: Value,
    },
    TaskSucceeded {
        on: Resource,
        output: Value,
    },
    TaskFailed {
        on: Resource,
        failure: Failure,
    },
    /// The request itself failed, so that nobody ever had the token.
    TaskSubmitFailed {
        on: Resource,
        failure: Failure,
    },
    TaskTimedOut {
        on: Resource,
        failure: Failure,
        /// True when the heartbeat ran out; not on the wire, but `States.HeartbeatTimeout` matches it.
        heartbeat: bool,
    },
    /// A Task whose resource is a function's own ARN.
    LambdaFunctionScheduled {
        resource: String,
        input: Value,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_in_seconds: Option<i64>,
    },
    LambdaFunctionStarted,
    LambdaFunctionSucceeded {
        output: Value,
    },
    LambdaFunctionFailed(Failure),
    LambdaFunctionTimedOut {
        failure: Failure,
        /// As in [`EventKind::TaskTimedOut`].
        heartbeat: bool,
    },
    ParallelStateStarted,
    ParallelStateSucceeded,
    ParallelStateFailed(Failure),
    MapStateStarted {
        length: i64,
    },
    MapStateSucceeded,
    MapStateFailed(Failure),
    MapIterationStarted {
        name: String,
        index: i64,
    },
    MapIterationSucceeded {
        name: String,
        index: i64,
    },
    MapIterationFailed {
        name: String,
        index: i64,
    },
    MapIterationAborted {
        name: String,
        index: i64,
    },
}
