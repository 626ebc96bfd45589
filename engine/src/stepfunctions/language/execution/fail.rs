//! Failures: they go to a retrier, a catcher, the surrounding state, or end the execution.

use std::sync::Arc;

use serde_json::Value;

use super::{
    context::StateContext,
    failure::RaisedError,
    process::{is_within_limits, too_large},
    progress::{AbortedStrand, Phase, StrandId},
    run::{StepError, StepRunner},
};
use crate::{
    clock::Timestamp,
    stepfunctions::language::{
        data::{Data, StateError},
        definition::{Kind, Next, Text},
        history_event::{EventKind, Failure, StateType},
    },
};

impl StepRunner<'_, '_> {
    /// The error and cause of a Fail state that is about to be entered.
    pub(super) fn error_and_cause(
        &mut self,
        strand: StrandId,
        name: &str,
        input: &Value,
        error: Option<&Text>,
        cause: Option<&Text>,
    ) -> Result<Failure, StateError> {
        let about = StateContext::entering(name, self.now, self.execution.item_of(strand));
        let context = self.execution.context_object(about);
        let data = Data { input, context: &context };
        let mut text = |text: Option<&Text>| match text {
            None => Ok(None),
            Some(Text::Literal(text)) => Ok(Some(text.clone())),
            Some(Text::Computed(field, expression)) => match expression.evaluate(field, data, self.host)? {
                Value::String(text) => Ok(Some(text)),
                other => Err(StateError::runtime(format!("The field '{field}' must give a string, but gave {other}"))),
            },
        };
        Ok(Failure { error: text(error)?, cause: text(cause)? })
    }

    /// Fails a state without an event for it: the error is never retried, but may be caught.
    pub(super) fn fail_state(&mut self, id: StrandId, error: StateError) -> Result<(), StepError> {
        let active = self.active(id)?;
        let failure: Failure = error.in_state(&active.state.name, active.entered_id).into();
        let raised = RaisedError::from(failure.clone());
        let catcher = raised.catcher(&active.state.catch);
        let is_forked = matches!(active.phase, Phase::Forked(_));
        if is_forked {
            self.fork_failed(id, failure)?;
        } else {
            self.execution.progress.active(id)?.phase = Phase::Failing { raised, catcher };
        }
        self.failed(id)
    }

    /// Handles a failed state: the error goes to a retrier, a catcher or the surrounding state, or ends the execution.
    pub(super) fn failed(&mut self, mut id: StrandId) -> Result<(), StepError> {
        loop {
            if let Some(retrying) = self.execution.progress.new_retry.take() {
                return self.pause_before_retry(retrying);
            }
            let strand = self.strand(id)?;
            let (last, parent, active) = (strand.last, strand.parent, self.active(id)?);
            let Phase::Failing { raised, catcher } = &active.phase else { return Ok(()) };
            let (failure, state) = (raised.failure.clone(), Arc::clone(&active.state));
            if let Some(catcher) = catcher.and_then(|index| state.catch.get(index)) {
                let merged = catcher.result_path.merge(&active.input, raised.output());
                match merged
                    .and_then(|output| if is_within_limits(&output) { Ok(output) } else { Err(too_large(&state.name)) })
                {
                    Ok(output) => return self.exit(id, output, Next::State(catcher.next.clone())),
                    Err(error) => {
                        let failure: Failure = error.in_state(&state.name, active.entered_id).into();
                        self.execution.progress.active(id)?.phase =
                            Phase::Failing { raised: failure.into(), catcher: None };
                        continue;
                    }
                }
            }
            match parent {
                None => return self.finish(last, EventKind::ExecutionFailed(failure)),
                Some(parent) => {
                    self.execution.progress.abort_children(parent.strand, last);
                    id = parent.strand;
                    self.emit_fork_failed(id, failure)?;
                }
            }
        }
    }

    /// Fails a Parallel or Map state while its branches run.
    fn fork_failed(&mut self, id: StrandId, failure: Failure) -> Result<(), StepError> {
        let last = self.strand(id)?.last;
        self.execution.progress.abort_children(id, last);
        self.emit_fork_failed(id, failure)
    }

    fn emit_fork_failed(&mut self, id: StrandId, failure: Failure) -> Result<(), StepError> {
        let last = self.strand(id)?.last;
        self.emit_aborted(last)?;
        let is_map = matches!(self.active(id)?.state.kind, Kind::Map(_));
        let kind = if is_map { EventKind::MapStateFailed(failure) } else { EventKind::ParallelStateFailed(failure) };
        self.emit(last, kind)?;
        Ok(())
    }

    fn pause_before_retry(&mut self, id: StrandId) -> Result<(), StepError> {
        let last = self.strand(id)?.last;
        self.emit_aborted(last)?;
        let active = self.active(id)?;
        let Phase::Retrying { event_id, retrier } = active.phase else { return Ok(()) };
        let (state, made) = (Arc::clone(&active.state), active.attempts.get(retrier).copied().unwrap_or(1) - 1);
        if let Some(retrier) = state.retry.get(retrier) {
            let delay = retrier.delay_millis(made, || self.host.random());
            self.host.set_timer(event_id, Timestamp(self.now.millis().saturating_add(delay)))?;
        }
        Ok(())
    }

    /// Emits the events of aborted branches and iterations, and closes their tasks and timers.
    fn emit_aborted(&mut self, previous: i64) -> Result<(), StepError> {
        self.drop_aborted();
        for aborted_strand in std::mem::take(&mut self.execution.progress.aborted) {
            let AbortedStrand { iteration, state_type, task, timer, is_cause } = aborted_strand;
            if let Some(task) = task {
                self.host.close_task(task)?;
            }
            if let Some(timer) = timer {
                self.host.cancel_timer(timer)?;
            }
            if let Some((name, index)) = iteration {
                let failed = |name, index| EventKind::MapIterationFailed { name, index };
                let aborted = |name, index| EventKind::MapIterationAborted { name, index };
                self.emit(previous, if is_cause { failed(name, index) } else { aborted(name, index) })?;
            }
            let is_told = match state_type {
                Some(StateType::Task) => true,
                Some(StateType::Wait | StateType::Parallel | StateType::Map) => !is_cause,
                _ => false,
            };
            if let Some(state_type) = state_type.filter(|_| is_told) {
                self.emit(previous, EventKind::StateAborted { state_type })?;
            }
        }
        Ok(())
    }
}
