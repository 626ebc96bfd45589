//! Events in the form of `GetExecutionHistory`.

use serde_json::{Map, Value, json};

use super::{EventKind, Failure, HistoryEvent, Resource};

/// The details member of an event.
struct Details {
    name: &'static str,
    members: Map<String, Value>,
    data: bool,
}

impl Details {
    fn put(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    fn put_some<T: Into<Value>>(self, name: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    /// Execution data: JSON text, and the member that says that it is complete.
    fn data(self, name: &'static str, details: &'static str, value: &Value) -> Self {
        if self.data { self.put(name, value.to_string()).put(details, json!({ "truncated": false })) } else { self }
    }

    fn input(self, value: &Value) -> Self {
        self.data("input", "inputDetails", value)
    }

    fn output(self, value: &Value) -> Self {
        self.data("output", "outputDetails", value)
    }

    fn on(self, on: &Resource) -> Self {
        self.put("resourceType", on.resource_type.clone()).put("resource", on.resource.clone())
    }

    fn failure(self, failure: &Failure) -> Self {
        self.put_some("error", failure.error.clone()).put_some("cause", failure.cause.clone())
    }

    fn iteration(self, name: &str, index: i64) -> Self {
        self.put("name", name).put("index", index)
    }
}

impl HistoryEvent {
    /// The event as `GetExecutionHistory` returns it.
    ///
    /// Without `include_execution_data`, inputs, outputs and parameters are left out.
    pub(crate) fn to_wire(&self, include_execution_data: bool) -> Value {
        let mut event = Map::new();
        event.insert("timestamp".to_owned(), self.timestamp.epoch_seconds().into());
        event.insert("type".to_owned(), self.kind.type_name().into());
        event.insert("id".to_owned(), self.id.into());
        event.insert("previousEventId".to_owned(), self.previous_event_id.into());
        if let Some(details) = self.kind.details(include_execution_data) {
            event.insert(details.name.to_owned(), Value::Object(details.members));
        }
        Value::Object(event)
    }
}

impl EventKind {
    /// AWS's name of the event type, such as `TaskStateEntered`.
    pub(crate) fn type_name(&self) -> String {
        let name = match self {
            Self::StateEntered { state_type, .. } => return format!("{}StateEntered", state_type.name()),
            Self::StateExited { state_type, .. } => return format!("{}StateExited", state_type.name()),
            Self::StateAborted { state_type } => return format!("{}StateAborted", state_type.name()),
            Self::ExecutionStarted { .. } => "ExecutionStarted",
            Self::ExecutionSucceeded { .. } => "ExecutionSucceeded",
            Self::ExecutionFailed(_) => "ExecutionFailed",
            Self::ExecutionAborted(_) => "ExecutionAborted",
            Self::ExecutionTimedOut(_) => "ExecutionTimedOut",
            Self::TaskScheduled { .. } => "TaskScheduled",
            Self::TaskStarted { .. } => "TaskStarted",
            Self::TaskSubmitted { .. } => "TaskSubmitted",
            Self::TaskSucceeded { .. } => "TaskSucceeded",
            Self::TaskFailed { .. } => "TaskFailed",
            Self::TaskSubmitFailed { .. } => "TaskSubmitFailed",
            Self::TaskTimedOut { .. } => "TaskTimedOut",
            Self::LambdaFunctionScheduled { .. } => "LambdaFunctionScheduled",
            Self::LambdaFunctionStarted => "LambdaFunctionStarted",
            Self::LambdaFunctionSucceeded { .. } => "LambdaFunctionSucceeded",
            Self::LambdaFunctionFailed(_) => "LambdaFunctionFailed",
            Self::LambdaFunctionTimedOut { .. } => "LambdaFunctionTimedOut",
            Self::ParallelStateStarted => "ParallelStateStarted",
            Self::ParallelStateSucceeded => "ParallelStateSucceeded",
            Self::ParallelStateFailed(_) => "ParallelStateFailed",
            Self::MapStateStarted { .. } => "MapStateStarted",
            Self::MapStateSucceeded => "MapStateSucceeded",
            Self::MapStateFailed(_) => "MapStateFailed",
            Self::MapIterationStarted { .. } => "MapIterationStarted",
            Self::MapIterationSucceeded { .. } => "MapIterationSucceeded",
            Self::MapIterationFailed { .. } => "MapIterationFailed",
            Self::MapIterationAborted { .. } => "MapIterationAborted",
        };
        name.to_owned()
    }

    fn details(&self, data: bool) -> Option<Details> {
        let of = |name| Details { name, members: Map::new(), data };
        Some(match self {
            Self::ExecutionStarted { input, role_arn } => {
                of("executionStartedEventDetails").input(input).put("roleArn", role_arn.clone())
            }
            Self::ExecutionSucceeded { output } => of("executionSucceededEventDetails").output(output),
            Self::ExecutionFailed(failure) => of("executionFailedEventDetails").failure(failure),
            Self::ExecutionAborted(failure) => of("executionAbortedEventDetails").failure(failure),
            Self::ExecutionTimedOut(failure) => of("executionTimedOutEventDetails").failure(failure),
            Self::StateEntered { name, input, .. } => {
                of("stateEnteredEventDetails").put("name", name.clone()).input(input)
            }
            Self::StateExited { name, output, .. } => {
                of("stateExitedEventDetails").put("name", name.clone()).output(output)
            }
            Self::TaskScheduled { on, region, parameters, timeout_in_seconds, heartbeat_in_seconds } => {
                of("taskScheduledEventDetails")
                    .on(on)
                    .put("region", region.clone())
                    .put_some("parameters", data.then(|| parameters.to_string()))
                    .put_some("timeoutInSeconds", *timeout_in_seconds)
                    .put_some("heartbeatInSeconds", *heartbeat_in_seconds)
            }
            Self::TaskStarted { on } => of("taskStartedEventDetails").on(on),
            Self::TaskSubmitted { on, output } => of("taskSubmittedEventDetails").on(on).output(output),
            Self::TaskSucceeded { on, output } => of("taskSucceededEventDetails").on(on).output(output),
            Self::TaskFailed { on, failure } => of("taskFailedEventDetails").on(on).failure(failure),
            Self::TaskSubmitFailed { on, failure } => of("taskSubmitFailedEventDetails").on(on).failure(failure),
            Self::TaskTimedOut { on, failure, .. } => of("taskTimedOutEventDetails").on(on).failure(failure),
            Self::LambdaFunctionScheduled { resource, input, timeout_in_seconds } => {
                of("lambdaFunctionScheduledEventDetails")
                    .put("resource", resource.clone())
                    .input(input)
                    .put_some("timeoutInSeconds", *timeout_in_seconds)
            }
            Self::LambdaFunctionSucceeded { output } => of("lambdaFunctionSucceededEventDetails").output(output),
            Self::LambdaFunctionFailed(failure) => of("lambdaFunctionFailedEventDetails").failure(failure),
            Self::LambdaFunctionTimedOut { failure, .. } => of("lambdaFunctionTimedOutEventDetails").failure(failure),
            Self::MapStateStarted { length } => of("mapStateStartedEventDetails").put("length", *length),
            Self::MapIterationStarted { name, index } => of("mapIterationStartedEventDetails").iteration(name, *index),
            Self::MapIterationSucceeded { name, index } => {
                of("mapIterationSucceededEventDetails").iteration(name, *index)
            }
            Self::MapIterationFailed { name, index } => of("mapIterationFailedEventDetails").iteration(name, *index),
            Self::MapIterationAborted { name, index } => of("mapIterationAbortedEventDetails").iteration(name, *index),
            Self::StateAborted { .. }
            | Self::LambdaFunctionStarted
            | Self::ParallelStateStarted
            | Self::ParallelStateSucceeded
            | Self::ParallelStateFailed(_)
            | Self::MapStateSucceeded
            | Self::MapStateFailed(_) => return None,
        })
    }
}
