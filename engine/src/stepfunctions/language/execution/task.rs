//! Task states: scheduling, waiting, answers and time-outs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    process::{is_within_limits, required, too_large},
    progress::{Phase, StrandId},
    run::{StepError, StepRunner},
    wait::after_seconds,
};
use crate::stepfunctions::language::{
    data::{Data, StateError},
    definition::{Kind, Seconds, State, Task, TaskResource},
    history_event::{EventKind, Failure},
    host::{CallOutcome, Deadlines, Pattern, ServiceCall, TaskError},
};

/// A task with its fields evaluated.
struct ResolvedTask {
    parameters: Value,
    timeout_seconds: Option<i64>,
    heartbeat_seconds: Option<i64>,
}

impl StepRunner<'_, '_> {
    pub(super) fn begin_task(&mut self, id: StrandId, state: &Arc<State>, task: &Task) -> Result<(), StepError> {
        let pattern = task.resource.pattern();
        let scheduled_event_id = self.execution.progress.last_event_id + 1;
        let token = (pattern == Pattern::TaskToken).then(|| self.host.new_task_token(scheduled_event_id));
        let plan = self.with_data(id, token.clone(), |data, host| {
            let input = state.input_path.apply(data)?;
            let seconds = |seconds: &Option<Seconds>, field| {
                seconds.as_ref().map(|seconds| seconds.resolve(field, data.with_input(&input))).transpose()
            };
            Ok(ResolvedTask {
                timeout_seconds: seconds(&task.timeout, "TimeoutSecondsPath")?,
                heartbeat_seconds: seconds(&task.heartbeat, "HeartbeatSecondsPath")?,
                parameters: state.effective_input(data, host)?,
            })
        })?;
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => return self.fail_state(id, error),
        };
        let deadlines = Deadlines {
            timeout: plan.timeout_seconds.map(|seconds| after_seconds(self.now, seconds)),
            heartbeat_interval_ms: plan.heartbeat_seconds.map(|seconds| seconds.saturating_mul(1000)),
        };
        self.schedule(id, task, &plan)?;
        let function_call;
        let (resource_type, action, parameters) = match &task.resource {
            TaskResource::Service { on, action, .. } => (on.resource_type.as_str(), action.as_str(), &plan.parameters),
            TaskResource::Function(arn) => {
                function_call = json!({ "FunctionName": arn, "Payload": plan.parameters });
                ("lambda", "invoke", &function_call)
            }
        };
        let call = ServiceCall { resource_type, action, pattern, parameters, scheduled_event_id };
        let outcome = match self.host.call(call)? {
            CallOutcome::Answered(answer) => {
                CallOutcome::Answered(answer.and_then(|output| task.resource.within_limits(output)))
            }
            CallOutcome::Pending => CallOutcome::Pending,
        };
        match (pattern, outcome) {
            (Pattern::RequestResponse, CallOutcome::Answered(answer)) => return self.task_completed(id, answer),
            (_, CallOutcome::Answered(Ok(output))) => self.submitted(id, output)?,
            (_, CallOutcome::Answered(Err(error))) => return self.submit_failed(id, error),
            (_, CallOutcome::Pending) => {}
        }
        Ok(self.host.open_task(scheduled_event_id, token.as_deref(), deadlines)?)
    }

    /// Emits the events `…Scheduled` and `…Started`.
    fn schedule(&mut self, id: StrandId, task: &Task, plan: &ResolvedTask) -> Result<(), StepError> {
        let last = self.strand(id)?.last;
        let (parameters, timeout_in_seconds) = (plan.parameters.clone(), plan.timeout_seconds);
        let (scheduled, started) = match &task.resource {
            TaskResource::Service { on, .. } => {
                let scheduled = EventKind::TaskScheduled {
                    on: on.clone(),
                    region: self.execution.context.region.clone(),
                    parameters,
                    timeout_in_seconds,
                    heartbeat_in_seconds: plan.heartbeat_seconds,
                };
                (scheduled, EventKind::TaskStarted { on: on.clone() })
            }
            TaskResource::Function(arn) => {
                let scheduled =
                    EventKind::LambdaFunctionScheduled { resource: arn.clone(), input: parameters, timeout_in_seconds };
                (scheduled, EventKind::LambdaFunctionStarted)
            }
        };
        let scheduled = self.emit(last, scheduled)?;
        self.emit(scheduled, started)?;
        Ok(())
    }

    pub(super) fn task_answered(&mut self, scheduled: i64, answer: Result<Value, TaskError>) -> Result<(), StepError> {
        let Some(id) = self.open(scheduled) else { return Ok(()) };
        self.host.close_task(scheduled)?;
        self.task_completed(id, answer)
    }

    pub(super) fn call_answered(&mut self, scheduled: i64, answer: Result<Value, TaskError>) -> Result<(), StepError> {
        let Some(id) = self.open(scheduled) else { return Ok(()) };
        let resource = self.resource(id)?;
        if resource.pattern() == Pattern::RequestResponse {
            return self.task_answered(scheduled, answer);
        }
        let answer = answer.and_then(|output| resource.within_limits(output));
        match (answer, &self.active(id)?.phase) {
            (_, Phase::Scheduled { submitted: true, .. }) => Ok(()),
            (Ok(output), _) => self.submitted(id, output),
            (Err(error), _) => {
                self.host.close_task(scheduled)?;
                self.submit_failed(id, error)
            }
        }
    }

    pub(super) fn task_timed_out(&mut self, scheduled: i64, heartbeat: bool) -> Result<(), StepError> {
        let Some(id) = self.open(scheduled) else { return Ok(()) };
        self.host.close_task(scheduled)?;
        let failure = Failure { error: Some("States.Timeout".to_owned()), cause: None };
        let kind = match self.resource(id)? {
            TaskResource::Service { on, .. } => EventKind::TaskTimedOut { on, failure, heartbeat },
            TaskResource::Function(_) => EventKind::LambdaFunctionTimedOut { failure, heartbeat },
        };
        self.emit_last(id, kind)?;
        self.failed(id)
    }

    /// The strand whose open task was scheduled by this event.
    fn open(&self, scheduled: i64) -> Option<StrandId> {
        let strands = self.execution.progress.strands.iter();
        let mut open =
            strands.filter(|(_, strand)| strand.active().is_some_and(|active| active.open_task() == Some(scheduled)));
        open.next().map(|(id, _)| *id)
    }

    fn resource(&self, id: StrandId) -> Result<TaskResource, StepError> {
        match &self.active(id)?.state.kind {
            Kind::Task(task) => Ok(task.resource.clone()),
            _ => Err("the state is not a Task".to_owned().into()),
        }
    }

    fn emit_last(&mut self, id: StrandId, kind: EventKind) -> Result<i64, StepError> {
        let last = self.strand(id)?.last;
        self.emit(last, kind)
    }

    fn submitted(&mut self, id: StrandId, output: Value) -> Result<(), StepError> {
        if let TaskResource::Service { on, .. } = self.resource(id)? {
            self.emit_last(id, EventKind::TaskSubmitted { on, output })?;
        }
        Ok(())
    }

    fn submit_failed(&mut self, id: StrandId, error: TaskError) -> Result<(), StepError> {
        if let TaskResource::Service { on, .. } = self.resource(id)? {
            self.emit_last(id, EventKind::TaskSubmitFailed { on, failure: error.into() })?;
        }
        self.failed(id)
    }

    /// Handles the answer of a task.
    fn task_completed(&mut self, id: StrandId, answer: Result<Value, TaskError>) -> Result<(), StepError> {
        let resource = self.resource(id)?;
        match answer.and_then(|output| resource.within_limits(output)) {
            Ok(output) => {
                let kind = match resource {
                    TaskResource::Service { on, .. } => EventKind::TaskSucceeded { on, output: output.clone() },
                    TaskResource::Function(_) => EventKind::LambdaFunctionSucceeded { output: output.clone() },
                };
                self.emit_last(id, kind)?;
                self.exit_with_result(id, output)
            }
            Err(error) => {
                let failure = error.into();
                let kind = match resource {
                    TaskResource::Service { on, .. } => EventKind::TaskFailed { on, failure },
                    TaskResource::Function(_) => EventKind::LambdaFunctionFailed(failure),
                };
                self.emit_last(id, kind)?;
                self.failed(id)
            }
        }
    }
}

impl TaskResource {
    fn pattern(&self) -> Pattern {
        match self {
            Self::Function(_) => Pattern::RequestResponse,
            Self::Service { pattern, .. } => *pattern,
        }
    }

    /// Returns the output of a call unless it is too large for a state.
    fn within_limits(&self, output: Value) -> Result<Value, TaskError> {
        if is_within_limits(&output) {
            return Ok(output);
        }
        let StateError { error, message } = too_large(self.name());
        Err(TaskError { error: error.to_owned(), cause: message })
    }

    /// The name of a task in AWS's error about too large a result.
    fn name(&self) -> &str {
        match self {
            Self::Function(arn) => arn,
            Self::Service { on, .. } => &on.resource_type,
        }
    }
}

impl Seconds {
    fn resolve(&self, field: &str, data: Data<'_>) -> Result<i64, StateError> {
        match self {
            Self::Fixed(seconds) => Ok(*seconds),
            Self::Path(path) => {
                let value = required(path, data)?;
                value.as_i64().filter(|seconds| *seconds > 0).ok_or_else(|| {
                    let wrong = "which is not a valid positive integer";
                    StateError::runtime(format!(
                        "The {field} field refers to value \"{value}\" {wrong}: {}",
                        path.text()
                    ))
                })
            }
        }
    }
}
