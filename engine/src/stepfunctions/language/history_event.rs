//! The events of an execution's history.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;

mod json;

/// Maximum number of events of one execution, which is AWS's quota for standard workflows.
pub(crate) const MAX_EVENTS: i64 = 25_000;

/// An event of an execution's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HistoryEvent {
    /// 1 for the first event, increasing by 1.
    pub(crate) id: i64,
    /// The previous event of the same branch; 0 if there is none.
    pub(crate) previous_event_id: i64,
    /// When it happened.
    pub(crate) timestamp: Timestamp,
    /// What happened.
    pub(crate) kind: EventKind,
}

/// The state types, as they are part of event names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum StateType {
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
    /// The value of the `Type` field.
    pub(crate) const fn name(self) -> &'static str {
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

/// The service and the action of a task, as its events contain them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resource {
    /// `events`, `dynamodb`, `lambda`, `states`, `aws-sdk:sfn`, …
    pub(crate) resource_type: String,
    /// `putEvents.waitForTaskToken`, `getItem`, …
    pub(crate) resource: String,
}

/// An error name and its cause, as events of failures contain them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The error name, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// The cause, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<String>,
}

/// What happened. Inputs, outputs and parameters are JSON values here and JSON text on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum EventKind {
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
        /// The error and cause of a Fail state, computed on entering; not on the wire.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
    StateExited {
        state_type: StateType,
        name: String,
        output: Value,
    },
    /// A state that was running when a sibling failed: `TaskStateAborted`, `WaitStateAborted`, ….
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
    /// The service accepted the request; the task now waits for its token or for the job to end.
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
    /// The request itself failed, so the token was not delivered.
    TaskSubmitFailed {
        on: Resource,
        failure: Failure,
    },
    TaskTimedOut {
        on: Resource,
        failure: Failure,
        /// Whether the heartbeat timed out; not on the wire, but `States.HeartbeatTimeout` matches it.
        heartbeat: bool,
    },
    /// A Task whose resource is a function ARN.
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
