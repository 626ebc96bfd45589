//! Applying one event.

use std::sync::Arc;

use serde_json::Value;

use super::{Active, Child, Fork, Phase, Position, Progress, Strand, StrandId};
use crate::{
    clock::Timestamp,
    stepfunctions::language::{
        execution::{Execution, failure::RaisedError},
        history_event::{EventKind, Failure, HistoryEvent},
        host::{ExecutionEnd, TaskError},
    },
};

impl Execution {
    /// Applies an event. The error says why it does not fit.
    pub(in crate::stepfunctions::language::execution) fn apply(&mut self, event: HistoryEvent) -> Result<(), String> {
        let HistoryEvent { id, previous_event_id: previous, timestamp, kind } = event;
        if id != self.progress.last_event_id + 1 {
            return Err(format!("event {} was expected", self.progress.last_event_id + 1));
        }
        self.progress.last_event_id = id;
        let progress = &mut self.progress;
        match kind {
            EventKind::ExecutionStarted { input, .. } => {
                let machine = Arc::clone(self.definition.machine());
                progress.add(Strand {
                    parent: None,
                    machine,
                    last: 0,
                    item: None,
                    position: Position::BetweenStates(input),
                });
            }
            EventKind::ExecutionSucceeded { output } => progress.ends(ExecutionEnd::Succeeded(output)),
            EventKind::ExecutionFailed(failure) => progress.ends(ExecutionEnd::Failed(error_of(failure))),
            EventKind::ExecutionAborted(failure) => progress.ends(ExecutionEnd::Aborted(error_of(failure))),
            EventKind::ExecutionTimedOut(failure) => progress.ends(ExecutionEnd::TimedOut(error_of(failure))),
            EventKind::StateEntered { name, input, failure, .. } => {
                let strand = progress.find(|strand| {
                    strand.last == previous && strand.active().is_none() && strand.machine.states.contains_key(&name)
                })?;
                progress.enter(strand, id, timestamp, &name, input)?;
                if let Some(failure) = failure {
                    progress.raise(strand, failure.into(), id, true)?;
                }
            }
            EventKind::StateExited { output, .. } => {
                let strand = progress.active_after(previous)?;
                let strand = progress.strand(strand)?;
                strand.last = id;
                strand.position = Position::BetweenStates(output);
            }
            EventKind::TaskScheduled { .. } | EventKind::LambdaFunctionScheduled { .. } => {
                progress.step(previous, id, Phase::Scheduled { id, submitted: false })?;
            }
            EventKind::TaskStarted { .. } | EventKind::LambdaFunctionStarted => {
                let strand = progress.active_after(previous)?;
                progress.strand(strand)?.last = id;
            }
            EventKind::TaskSubmitted { .. } => {
                let strand = progress.active_after(previous)?;
                progress.strand(strand)?.last = id;
                if let Phase::Scheduled { submitted, .. } = &mut progress.active(strand)?.phase {
                    *submitted = true;
                }
            }
            EventKind::TaskSucceeded { .. } | EventKind::LambdaFunctionSucceeded { .. } => {
                progress.step(previous, id, Phase::Succeeded)?;
            }
            EventKind::TaskFailed { failure, .. }
            | EventKind::TaskSubmitFailed { failure, .. }
            | EventKind::LambdaFunctionFailed(failure) => {
                let strand = progress.step(previous, id, Phase::Entered)?;
                progress.raise(strand, RaisedError::by_task(failure, false), id, true)?;
            }
            EventKind::TaskTimedOut { failure, heartbeat, .. }
            | EventKind::LambdaFunctionTimedOut { failure, heartbeat } => {
                let strand = progress.step(previous, id, Phase::Entered)?;
                progress.raise(strand, RaisedError::by_task(failure, heartbeat), id, true)?;
            }
            EventKind::ParallelStateStarted => {
                let strand = progress.step(previous, id, Phase::Entered)?;
                progress.fork_branches(strand, id)?;
            }
            EventKind::MapStateStarted { length } => {
                let strand = progress.step(previous, id, Phase::Entered)?;
                let (items, max_concurrency) = self.map_items(strand).map_err(|error| error.message)?;
                let children = vec![Child::Pending; usize::try_from(length).unwrap_or_default()];
                let fork = Fork { children, items, max_concurrency, predecessors: vec![id] };
                self.progress.active(strand)?.phase = Phase::Forked(fork);
            }
            EventKind::MapIterationStarted { index, .. } => progress.start_iteration(previous, id, index)?,
            EventKind::MapIterationSucceeded { .. } => progress.end_iteration(previous, id)?,
            EventKind::ParallelStateSucceeded | EventKind::MapStateSucceeded => progress.join(previous)?,
            EventKind::ParallelStateFailed(failure) | EventKind::MapStateFailed(failure) => {
                let strand = progress.find_fork(previous)?;
                progress.abort_children(strand, id);
                progress.raise(strand, failure.into(), id, false)?;
            }
            EventKind::MapIterationFailed { .. }
            | EventKind::MapIterationAborted { .. }
            | EventKind::StateAborted { .. } => {}
        }
        Ok(())
    }
}

impl Progress {
    fn enter(&mut self, strand: StrandId, id: i64, at: Timestamp, name: &str, input: Value) -> Result<(), String> {
        let strand = self.strand(strand)?;
        let state = strand.machine.states.get(name).ok_or_else(|| format!("the state '{name}' does not exist"))?;
        strand.last = id;
        strand.position = Position::InState(Box::new(Active {
            attempts: vec![0; state.retry.len()],
            state: Arc::clone(state),
            entered_id: id,
            entered_at: at,
            input,
            retry_count: 0,
            phase: Phase::Entered,
        }));
        Ok(())
    }

    fn ends(&mut self, end: ExecutionEnd) {
        self.end = Some(end);
        self.strands.clear();
    }
}

fn error_of(failure: Failure) -> TaskError {
    failure.into()
}
