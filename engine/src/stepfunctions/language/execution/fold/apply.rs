//! One event after the other.

use std::sync::Arc;

use serde_json::Value;

use super::{Active, Fold, Fork, Phase, Place, Slot, Strand, StrandId};
use crate::{
    clock::Timestamp,
    stepfunctions::language::{
        execution::{Execution, failure::Raised},
        history::{EventKind, Failure, HistoryEvent},
        host::{ExecutionEnd, TaskError},
    },
};

impl Execution {
    /// Folds one event in. An error says why the event does not fit.
    pub(in crate::stepfunctions::language::execution) fn apply(&mut self, event: HistoryEvent) -> Result<(), String> {
        let HistoryEvent { id, previous_event_id: previous, timestamp, kind } = event;
        if id != self.fold.last_event_id + 1 {
            return Err(format!("event {} was expected", self.fold.last_event_id + 1));
        }
        self.fold.last_event_id = id;
        let fold = &mut self.fold;
        match kind {
            EventKind::ExecutionStarted { input, .. } => {
                let machine = Arc::clone(self.definition.machine());
                fold.add(Strand { parent: None, machine, last: 0, item: None, place: Place::Between(input) });
            }
            EventKind::ExecutionSucceeded { output } => fold.ends(ExecutionEnd::Succeeded(output)),
            EventKind::ExecutionFailed(failure) => fold.ends(ExecutionEnd::Failed(error_of(failure))),
            EventKind::ExecutionAborted(failure) => fold.ends(ExecutionEnd::Aborted(error_of(failure))),
            EventKind::ExecutionTimedOut(failure) => fold.ends(ExecutionEnd::TimedOut(error_of(failure))),
            EventKind::StateEntered { name, input, failure, .. } => {
                let strand = fold.find(|strand| {
                    strand.last == previous && strand.active().is_none() && strand.machine.states.contains_key(&name)
                })?;
                fold.enter(strand, id, timestamp, &name, input)?;
                if let Some(failure) = failure {
                    fold.raise(strand, failure.into(), id, true)?;
                }
            }
            EventKind::StateExited { output, .. } => {
                let strand = fold.active_after(previous)?;
                let strand = fold.strand(strand)?;
                strand.last = id;
                strand.place = Place::Between(output);
            }
            EventKind::TaskScheduled { .. } | EventKind::LambdaFunctionScheduled { .. } => {
                fold.step(previous, id, Phase::Scheduled { id, submitted: false })?;
            }
            EventKind::TaskStarted { .. } | EventKind::LambdaFunctionStarted => {
                let strand = fold.active_after(previous)?;
                fold.strand(strand)?.last = id;
            }
            EventKind::TaskSubmitted { .. } => {
                let strand = fold.active_after(previous)?;
                fold.strand(strand)?.last = id;
                if let Phase::Scheduled { submitted, .. } = &mut fold.active(strand)?.phase {
                    *submitted = true;
                }
            }
            EventKind::TaskSucceeded { .. } | EventKind::LambdaFunctionSucceeded { .. } => {
                fold.step(previous, id, Phase::Succeeded)?;
            }
            EventKind::TaskFailed { failure, .. }
            | EventKind::TaskSubmitFailed { failure, .. }
            | EventKind::LambdaFunctionFailed(failure) => {
                let strand = fold.step(previous, id, Phase::Entered)?;
                fold.raise(strand, Raised::by_task(failure, false), id, true)?;
            }
            EventKind::TaskTimedOut { failure, heartbeat, .. }
            | EventKind::LambdaFunctionTimedOut { failure, heartbeat } => {
                let strand = fold.step(previous, id, Phase::Entered)?;
                fold.raise(strand, Raised::by_task(failure, heartbeat), id, true)?;
            }
            EventKind::ParallelStateStarted => {
                let strand = fold.step(previous, id, Phase::Entered)?;
                fold.fork_branches(strand, id)?;
            }
            EventKind::MapStateStarted { length } => {
                let strand = fold.step(previous, id, Phase::Entered)?;
                let (items, max_concurrency) = self.map_plan(strand).map_err(|error| error.message)?;
                let slots = vec![Slot::Pending; usize::try_from(length).unwrap_or_default()];
                let fork = Fork { slots, items, max_concurrency, anchors: vec![id] };
                self.fold.active(strand)?.phase = Phase::Forked(fork);
            }
            EventKind::MapIterationStarted { index, .. } => fold.start_iteration(previous, id, index)?,
            EventKind::MapIterationSucceeded { .. } => fold.end_iteration(previous, id)?,
            EventKind::ParallelStateSucceeded | EventKind::MapStateSucceeded => fold.join(previous)?,
            EventKind::ParallelStateFailed(failure) | EventKind::MapStateFailed(failure) => {
                let strand = fold.forked_at(previous)?;
                fold.cut_children(strand, id);
                fold.raise(strand, failure.into(), id, false)?;
            }
            EventKind::MapIterationFailed { .. }
            | EventKind::MapIterationAborted { .. }
            | EventKind::StateAborted { .. } => {}
        }
        Ok(())
    }
}

impl Fold {
    fn enter(&mut self, strand: StrandId, id: i64, at: Timestamp, name: &str, input: Value) -> Result<(), String> {
        let strand = self.strand(strand)?;
        let state = strand.machine.states.get(name).ok_or_else(|| format!("there is no state '{name}'"))?;
        strand.last = id;
        strand.place = Place::In(Box::new(Active {
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
