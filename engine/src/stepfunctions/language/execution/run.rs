//! Advancing an execution: deciding which events come next.

use std::sync::Arc;

use serde_json::Value;

use super::{
    Execution,
    context::StateContext,
    progress::{Active, Phase, Position, Strand, StrandId},
    wait::{after_seconds, wait_until},
};
use crate::{
    clock::Timestamp,
    error::ApiError,
    stepfunctions::language::{
        data::{Data, StateError},
        definition::{Kind, Next, State},
        history_event::{EventKind, Failure, HistoryEvent, MAX_EVENTS},
        host::{Host, Stimulus},
    },
};

/// Why a step stops.
pub(super) enum StepError {
    /// The host failed; the step is rolled back.
    Host(ApiError),
    /// The history is full; the execution fails.
    HistoryFull,
}

impl From<ApiError> for StepError {
    fn from(error: ApiError) -> Self {
        Self::Host(error)
    }
}

/// An error from `apply` here is a bug: this module emitted an event that does not fit.
impl From<String> for StepError {
    fn from(reason: String) -> Self {
        Self::Host(ApiError::internal(format!("the interpreter contradicts itself: {reason}")))
    }
}

/// One step of one execution.
pub(super) struct StepRunner<'e, 'h> {
    pub(super) execution: &'e mut Execution,
    pub(super) host: &'h mut dyn Host,
    pub(super) now: Timestamp,
}

impl Execution {
    /// Advances the execution as far as possible: until it waits for a token, a call or a timer, has ended, or the host
    /// wants a pause. After a pause any stimulus continues it.
    ///
    /// A stimulus that nothing waits for is ignored. An `Err` means that the host failed: the whole step must be rolled
    /// back and the execution replayed.
    pub(crate) fn advance(&mut self, stimulus: Stimulus, host: &mut dyn Host) -> Result<(), ApiError> {
        if self.progress.end.is_some() {
            return Ok(());
        }
        let now = host.now();
        let mut run = StepRunner { execution: self, host, now };
        match run.run_until_idle(stimulus) {
            Ok(()) => {}
            Err(StepError::Host(error)) => return Err(error),
            Err(StepError::HistoryFull) => run.fail_history_full()?,
        }
        match run.execution.queue.take_change() {
            Some(change) => run.host.store_queue(change),
            None => Ok(()),
        }
    }
}

impl StepRunner<'_, '_> {
    fn run_until_idle(&mut self, stimulus: Stimulus) -> Result<(), StepError> {
        // Enters at least one state, so that every step between two pauses makes progress.
        let mut must_enter = stimulus == Stimulus::Resume;
        self.react(stimulus)?;
        while must_enter || !self.host.must_pause() {
            must_enter = false;
            let Some(next) = self.execution.queue.pop() else { break };
            self.enter(next.strand, &next.name, Arc::unwrap_or_clone(next.input))?;
        }
        Ok(())
    }

    fn react(&mut self, stimulus: Stimulus) -> Result<(), StepError> {
        match stimulus {
            Stimulus::Start => self.start(),
            Stimulus::Resume => Ok(()),
            Stimulus::TaskAnswered { scheduled_event_id, answer } => self.task_answered(scheduled_event_id, answer),
            Stimulus::CallAnswered { scheduled_event_id, answer } => self.call_answered(scheduled_event_id, answer),
            Stimulus::TaskTimedOut { scheduled_event_id, heartbeat } => {
                self.task_timed_out(scheduled_event_id, heartbeat)
            }
            Stimulus::TimerFired { event_id: 1 } => {
                let failure = Failure { error: Some("States.Timeout".to_owned()), cause: None };
                self.finish(0, EventKind::ExecutionTimedOut(failure))
            }
            Stimulus::TimerFired { event_id } => self.timer_fired(event_id),
            Stimulus::Stop(error) => self.finish(0, EventKind::ExecutionAborted(error.into())),
        }
    }

    fn start(&mut self) -> Result<(), StepError> {
        if self.execution.progress.last_event_id > 0 {
            return Ok(());
        }
        let (input, role_arn) = (self.execution.context.input.clone(), self.execution.context.role_arn.clone());
        let started = self.emit(0, EventKind::ExecutionStarted { input: input.clone(), role_arn })?;
        if let Some(seconds) = self.execution.definition.timeout_seconds() {
            self.host.set_timer(started, after_seconds(self.execution.context.started_at, seconds))?;
        }
        let root = self.execution.progress.strands.keys().next().copied();
        let machine = Arc::clone(self.execution.definition.machine());
        self.execution.queue.push(root.map(|root| (root, machine.start_at.clone())), input);
        Ok(())
    }

    /// Appends an event to the history and applies it.
    pub(super) fn emit(&mut self, previous_event_id: i64, kind: EventKind) -> Result<i64, StepError> {
        let id = self.execution.progress.last_event_id + 1;
        let is_end = matches!(
            kind,
            EventKind::ExecutionFailed(_)
                | EventKind::ExecutionAborted(_)
                | EventKind::ExecutionTimedOut(_)
                | EventKind::ExecutionSucceeded { .. }
        );
        if id >= MAX_EVENTS && !is_end {
            return Err(StepError::HistoryFull);
        }
        let event = HistoryEvent { id, previous_event_id, timestamp: self.now, kind };
        self.host.append(&event)?;
        self.execution.apply(event)?;
        Ok(id)
    }

    /// Ends the execution with this event.
    pub(super) fn finish(&mut self, previous: i64, kind: EventKind) -> Result<(), StepError> {
        self.execution.queue.retain(|_| false);
        self.emit(previous, kind)?;
        self.execution.progress.clear_pending();
        if let Some(end) = self.execution.progress.end.clone() {
            self.host.finish(&end)?;
        }
        Ok(())
    }

    fn fail_history_full(&mut self) -> Result<(), ApiError> {
        let cause = format!("The execution reached the maximum number of history events ({MAX_EVENTS}).");
        let failure = Failure { error: Some("States.Runtime".to_owned()), cause: Some(cause) };
        let last = self.execution.progress.last_event_id;
        match self.finish(last, EventKind::ExecutionFailed(failure)) {
            Err(StepError::Host(error)) => Err(error),
            Ok(()) | Err(StepError::HistoryFull) => Ok(()),
        }
    }

    pub(super) fn strand(&self, id: StrandId) -> Result<&Strand, StepError> {
        Ok(self.execution.progress.strands.get(&id).ok_or_else(|| "a strand is missing".to_owned())?)
    }

    pub(super) fn active(&self, id: StrandId) -> Result<&Active, StepError> {
        Ok(self.strand(id)?.active().ok_or_else(|| "no state is active".to_owned())?)
    }

    /// Adds a state to the queue.
    pub(super) fn enqueue(&mut self, strand: StrandId, name: String, input: Value) {
        self.execution.queue.push([(strand, name)], input);
    }

    pub(super) fn is_queued(&self, strand: StrandId) -> bool {
        self.execution.queue.contains(strand)
    }

    /// Removes the states of aborted strands from the queue.
    pub(super) fn drop_aborted(&mut self) {
        let strands = &self.execution.progress.strands;
        self.execution.queue.retain(|strand| strands.contains_key(&strand));
    }

    fn enter(&mut self, id: StrandId, name: &str, input: Value) -> Result<(), StepError> {
        let strand = self.strand(id)?;
        let last = strand.last;
        let state = strand.machine.states.get(name).map(Arc::clone);
        let state = state.ok_or_else(|| format!("the state '{name}' does not exist"))?;
        let failure = match &state.kind {
            Kind::Fail { error, cause } => Some(self.error_and_cause(id, name, &input, error.as_ref(), cause.as_ref())),
            _ => None,
        };
        let (failure, broken) = match failure.transpose() {
            Ok(failure) => (failure, None),
            Err(error) => (None, Some(error)),
        };
        let fails = failure.is_some();
        let (state_type, name) = (state.state_type(), name.to_owned());
        self.emit(last, EventKind::StateEntered { state_type, name, input, failure })?;
        match broken {
            Some(error) => self.fail_state(id, error),
            None if fails => self.failed(id),
            None => self.begin(id, &state),
        }
    }

    /// Runs a state, at its first or a later attempt.
    pub(super) fn begin(&mut self, id: StrandId, state: &Arc<State>) -> Result<(), StepError> {
        match &state.kind {
            Kind::Task(task) => self.begin_task(id, state, task),
            Kind::Parallel(branches) => self.begin_parallel(id, state, branches),
            Kind::Map(_) => self.begin_map(id),
            Kind::Pass(result) => {
                let result = match result {
                    Some(result) => Ok(result.clone()),
                    None => self.with_data(id, None, |data, host| state.effective_input(data, host))?,
                };
                match result {
                    Ok(result) => self.exit_with_result(id, result),
                    Err(error) => self.fail_state(id, error),
                }
            }
            Kind::Succeed => self.exit_passing_input(id, Next::End),
            Kind::Choice { rules, default } => {
                let chosen = self.with_data(id, None, |data, _| {
                    let input = state.input_path.apply(data)?;
                    for (rule, next) in rules {
                        if rule.holds(data.with_input(&input))? {
                            return Ok(next.clone());
                        }
                    }
                    default.clone().ok_or_else(|| StateError {
                        error: "States.NoChoiceMatched",
                        message: "Failed to transition out of the state. The state does not point to a next state."
                            .to_owned(),
                    })
                })?;
                match chosen {
                    Ok(next) => self.exit_passing_input(id, Next::State(next)),
                    Err(error) => self.fail_state(id, error),
                }
            }
            Kind::Wait(until) => {
                let now = self.now;
                let due = self.with_data(id, None, |data, _| {
                    let input = state.input_path.apply(data)?;
                    wait_until(until, data.with_input(&input), now)
                })?;
                match due {
                    Ok(due) => {
                        let entered = self.active(id)?.entered_id;
                        Ok(self.host.set_timer(entered, due)?)
                    }
                    Err(error) => self.fail_state(id, error),
                }
            }
            Kind::Fail { .. } => Ok(()),
        }
    }

    /// Calls `work` with the raw input and the context object of the strand's state.
    pub(super) fn with_data<T>(
        &mut self,
        id: StrandId,
        token: Option<String>,
        work: impl FnOnce(Data<'_>, &mut dyn Host) -> T,
    ) -> Result<T, StepError> {
        let item = self.execution.item_of(id);
        let active = self.execution.progress.strands.get(&id).and_then(Strand::active);
        let active = active.ok_or_else(|| "no state is active".to_owned())?;
        let context = self.execution.context_object(StateContext::within(active, item).with_token(token));
        Ok(work(Data { input: &active.input, context: &context }, self.host))
    }

    /// Exits a state with the result of its work.
    pub(super) fn exit_with_result(&mut self, id: StrandId, result: Value) -> Result<(), StepError> {
        let state = Arc::clone(&self.active(id)?.state);
        let output = self.with_data(id, None, |data, host| state.output(data, result, host))?;
        match output {
            Ok(output) => self.exit(id, output, state.next.clone()),
            Err(error) => self.fail_state(id, error),
        }
    }

    /// Exits a state that passes its input on.
    fn exit_passing_input(&mut self, id: StrandId, next: Next) -> Result<(), StepError> {
        let state = Arc::clone(&self.active(id)?.state);
        let output = self.with_data(id, None, |data, _| state.passed_through(data))?;
        match output {
            Ok(output) => self.exit(id, output, next),
            Err(error) => self.fail_state(id, error),
        }
    }

    pub(super) fn exit(&mut self, id: StrandId, output: Value, next: Next) -> Result<(), StepError> {
        let last = self.strand(id)?.last;
        let state = &self.active(id)?.state;
        let (state_type, name) = (state.state_type(), state.name.clone());
        self.emit(last, EventKind::StateExited { state_type, name, output: output.clone() })?;
        match next {
            Next::State(name) => {
                self.enqueue(id, name, output);
                Ok(())
            }
            Next::End => self.ended(id, output),
        }
    }

    /// Handles the end of a strand.
    fn ended(&mut self, id: StrandId, output: Value) -> Result<(), StepError> {
        let strand = self.strand(id)?;
        match strand.parent {
            Some(parent) => self.child_ended(id, parent),
            None => {
                let last = strand.last;
                self.finish(last, EventKind::ExecutionSucceeded { output })
            }
        }
    }

    fn timer_fired(&mut self, event_id: i64) -> Result<(), StepError> {
        let strands = &self.execution.progress.strands;
        let waiting = strands.iter().find_map(|(id, strand)| {
            let active = strand.active().filter(|active| active.open_timer() == Some(event_id))?;
            Some((*id, Arc::clone(&active.state), matches!(active.phase, Phase::Retrying { .. })))
        });
        match waiting {
            Some((id, state, true)) => self.begin(id, &state),
            Some((id, state, false)) => self.exit_passing_input(id, state.next.clone()),
            None => Ok(()),
        }
    }

    /// Whether a strand has nothing more to do.
    pub(super) fn is_idle(&self, id: StrandId) -> bool {
        let strand = self.execution.progress.strands.get(&id);
        strand.is_some_and(|strand| matches!(strand.position, Position::BetweenStates(_))) && !self.is_queued(id)
    }
}
