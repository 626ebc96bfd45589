//! Carrying an execution on: which events come next.

use std::sync::Arc;

use serde_json::Value;

use super::{
    Execution,
    context::StateContext,
    fold::{Active, Phase, Place, Strand, StrandId},
    wait::{after_seconds, wait_until},
};
use crate::{
    clock::Timestamp,
    error::ApiError,
    stepfunctions::language::{
        data::{Data, StateError},
        definition::{Kind, Next, State},
        history::{EventKind, Failure, HistoryEvent, MAX_EVENTS},
        host::{Host, Stimulus},
    },
};

/// Why a step cannot go on.
pub(super) enum Halt {
    /// The host failed; everything is rolled back.
    Host(ApiError),
    /// The history is full; the execution fails.
    Full,
}

impl From<ApiError> for Halt {
    fn from(error: ApiError) -> Self {
        Self::Host(error)
    }
}

/// The fold refused what this module gave it, which is a fault of this module.
impl From<String> for Halt {
    fn from(reason: String) -> Self {
        Self::Host(ApiError::internal(format!("the interpreter contradicts itself: {reason}")))
    }
}

/// One step of one execution.
pub(super) struct Run<'e, 'h> {
    pub(super) execution: &'e mut Execution,
    pub(super) host: &'h mut dyn Host,
    pub(super) now: Timestamp,
}

impl Execution {
    /// Carries the execution on as far as it can go: until it waits for a token, a call or a timer, has ended, or the
    /// host wants a pause. Then it goes on with the next stimulus, whichever that is.
    ///
    /// A stimulus that nothing waits for any more is ignored. An `Err` means that the host failed: the whole step must
    /// be rolled back and the execution replayed.
    pub fn advance(&mut self, stimulus: Stimulus, host: &mut dyn Host) -> Result<(), ApiError> {
        if self.fold.end.is_some() {
            return Ok(());
        }
        let now = host.now();
        let mut run = Run { execution: self, host, now };
        match run.carry_on(stimulus) {
            Ok(()) => {}
            Err(Halt::Host(error)) => return Err(error),
            Err(Halt::Full) => run.fail_full()?,
        }
        match run.execution.queue.take_change() {
            Some(change) => run.host.store_queue(change),
            None => Ok(()),
        }
    }
}

impl Run<'_, '_> {
    fn carry_on(&mut self, stimulus: Stimulus) -> Result<(), Halt> {
        // A pause is worth nothing when nothing is done between it and the next.
        let mut must_enter = stimulus == Stimulus::Resume;
        self.react(stimulus)?;
        while must_enter || !self.host.must_pause() {
            must_enter = false;
            let Some(next) = self.execution.queue.pop() else { break };
            self.enter(next.strand, &next.name, Arc::unwrap_or_clone(next.input))?;
        }
        Ok(())
    }

    fn react(&mut self, stimulus: Stimulus) -> Result<(), Halt> {
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

    fn start(&mut self) -> Result<(), Halt> {
        if self.execution.fold.last_event_id > 0 {
            return Ok(());
        }
        let (input, role_arn) = (self.execution.context.input.clone(), self.execution.context.role_arn.clone());
        let started = self.emit(0, EventKind::ExecutionStarted { input: input.clone(), role_arn })?;
        if let Some(seconds) = self.execution.definition.timeout_seconds() {
            self.host.set_timer(started, after_seconds(self.execution.context.started_at, seconds))?;
        }
        let root = self.execution.fold.strands.keys().next().copied();
        let machine = Arc::clone(self.execution.definition.machine());
        self.execution.queue.push(root.map(|root| (root, machine.start_at.clone())), input);
        Ok(())
    }

    /// Makes an event durable and folds it in.
    pub(super) fn emit(&mut self, previous_event_id: i64, kind: EventKind) -> Result<i64, Halt> {
        let id = self.execution.fold.last_event_id + 1;
        let is_end = matches!(
            kind,
            EventKind::ExecutionFailed(_)
                | EventKind::ExecutionAborted(_)
                | EventKind::ExecutionTimedOut(_)
                | EventKind::ExecutionSucceeded { .. }
        );
        if id >= MAX_EVENTS && !is_end {
            return Err(Halt::Full);
        }
        let event = HistoryEvent { id, previous_event_id, timestamp: self.now, kind };
        self.host.append(&event)?;
        self.execution.apply(event)?;
        Ok(id)
    }

    /// Ends the execution with this event.
    pub(super) fn finish(&mut self, previous: i64, kind: EventKind) -> Result<(), Halt> {
        self.execution.queue.retain(|_| false);
        self.emit(previous, kind)?;
        self.execution.fold.settle();
        if let Some(end) = self.execution.fold.end.clone() {
            self.host.finish(&end)?;
        }
        Ok(())
    }

    fn fail_full(&mut self) -> Result<(), ApiError> {
        let cause = format!("The execution reached the maximum number of history events ({MAX_EVENTS}).");
        let failure = Failure { error: Some("States.Runtime".to_owned()), cause: Some(cause) };
        let last = self.execution.fold.last_event_id;
        match self.finish(last, EventKind::ExecutionFailed(failure)) {
            Err(Halt::Host(error)) => Err(error),
            Ok(()) | Err(Halt::Full) => Ok(()),
        }
    }

    pub(super) fn strand(&self, id: StrandId) -> Result<&Strand, Halt> {
        Ok(self.execution.fold.strands.get(&id).ok_or_else(|| "a line of control is lost".to_owned())?)
    }

    pub(super) fn active(&self, id: StrandId) -> Result<&Active, Halt> {
        Ok(self.strand(id)?.active().ok_or_else(|| "no state is active".to_owned())?)
    }

    /// Puts a state in the queue of those to enter.
    pub(super) fn enter_later(&mut self, strand: StrandId, name: String, input: Value) {
        self.execution.queue.push([(strand, name)], input);
    }

    pub(super) fn is_queued(&self, strand: StrandId) -> bool {
        self.execution.queue.holds(strand)
    }

    /// Forgets what was to be entered on lines of control that were cut off.
    pub(super) fn forget_lost(&mut self) {
        let strands = &self.execution.fold.strands;
        self.execution.queue.retain(|strand| strands.contains_key(&strand));
    }

    fn enter(&mut self, id: StrandId, name: &str, input: Value) -> Result<(), Halt> {
        let strand = self.strand(id)?;
        let last = strand.last;
        let state = strand.machine.states.get(name).map(Arc::clone);
        let state = state.ok_or_else(|| format!("there is no state '{name}'"))?;
        let failure = match &state.kind {
            Kind::Fail { error, cause } => Some(self.fail_texts(id, name, &input, error.as_ref(), cause.as_ref())),
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

    /// Does what a state does; also for another attempt.
    pub(super) fn begin(&mut self, id: StrandId, state: &Arc<State>) -> Result<(), Halt> {
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
                    Ok(result) => self.finish_result(id, result),
                    Err(error) => self.fail_state(id, error),
                }
            }
            Kind::Succeed => self.pass_on(id, Next::End),
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
                    Ok(next) => self.pass_on(id, Next::State(next)),
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
    ) -> Result<T, Halt> {
        let item = self.execution.item_of(id);
        let active = self.execution.fold.strands.get(&id).and_then(Strand::active);
        let active = active.ok_or_else(|| "no state is active".to_owned())?;
        let context = self.execution.context_object(StateContext::within(active, item).with_token(token));
        Ok(work(Data { input: &active.input, context: &context }, self.host))
    }

    /// Leaves a state with the result of its work.
    pub(super) fn finish_result(&mut self, id: StrandId, result: Value) -> Result<(), Halt> {
        let state = Arc::clone(&self.active(id)?.state);
        let output = self.with_data(id, None, |data, host| state.output(data, result, host))?;
        match output {
            Ok(output) => self.exit(id, output, state.next.clone()),
            Err(error) => self.fail_state(id, error),
        }
    }

    /// Leaves a state that passes its input on.
    fn pass_on(&mut self, id: StrandId, next: Next) -> Result<(), Halt> {
        let state = Arc::clone(&self.active(id)?.state);
        let output = self.with_data(id, None, |data, _| state.passed_on(data))?;
        match output {
            Ok(output) => self.exit(id, output, next),
            Err(error) => self.fail_state(id, error),
        }
    }

    pub(super) fn exit(&mut self, id: StrandId, output: Value, next: Next) -> Result<(), Halt> {
        let last = self.strand(id)?.last;
        let state = &self.active(id)?.state;
        let (state_type, name) = (state.state_type(), state.name.clone());
        self.emit(last, EventKind::StateExited { state_type, name, output: output.clone() })?;
        match next {
            Next::State(name) => {
                self.enter_later(id, name, output);
                Ok(())
            }
            Next::End => self.ended(id, output),
        }
    }

    /// A line of control has come to its end.
    fn ended(&mut self, id: StrandId, output: Value) -> Result<(), Halt> {
        let strand = self.strand(id)?;
        match strand.parent {
            Some(parent) => self.child_ended(id, parent),
            None => {
                let last = strand.last;
                self.finish(last, EventKind::ExecutionSucceeded { output })
            }
        }
    }

    fn timer_fired(&mut self, event_id: i64) -> Result<(), Halt> {
        let strands = &self.execution.fold.strands;
        let waiting = strands.iter().find_map(|(id, strand)| {
            let active = strand.active().filter(|active| active.open_timer() == Some(event_id))?;
            Some((*id, Arc::clone(&active.state), matches!(active.phase, Phase::Retrying { .. })))
        });
        match waiting {
            Some((id, state, true)) => self.begin(id, &state),
            Some((id, state, false)) => self.pass_on(id, state.next.clone()),
            None => Ok(()),
        }
    }

    /// Whether a line of control has nothing more to do.
    pub(super) fn is_at_rest(&self, id: StrandId) -> bool {
        let strand = self.execution.fold.strands.get(&id);
        strand.is_some_and(|strand| matches!(strand.place, Place::Between(_))) && !self.is_queued(id)
    }
}
