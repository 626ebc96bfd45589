//! The progress of an execution, derived from its events.
//!
//! A *strand* is a sequence of states: the execution itself, a branch of a Parallel state, or an iteration of a Map
//! state. An event belongs to the strand whose last event is its `previous_event_id`.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::failure::RaisedError;
use crate::{
    clock::Timestamp,
    stepfunctions::language::{
        definition::{Kind, Machine, State},
        history_event::StateType,
        host::ExecutionEnd,
    },
};

mod apply;
mod failing;
mod forks;

pub(super) type StrandId = u32;

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Progress {
    pub(super) last_event_id: i64,
    pub(super) strands: BTreeMap<StrandId, Strand>,
    next_strand: StrandId,
    pub(super) end: Option<ExecutionEnd>,
    /// A new retry that needs its timer. `None` between steps.
    pub(super) new_retry: Option<StrandId>,
    /// Strands aborted by a failure whose events are not emitted yet. Empty between steps.
    pub(super) aborted: Vec<AbortedStrand>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Strand {
    pub(super) parent: Option<Parent>,
    pub(super) machine: Arc<Machine>,
    /// The id of the strand's last event.
    pub(super) last: i64,
    /// The item of a Map iteration.
    pub(super) item: Option<Item>,
    pub(super) position: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) strand: StrandId,
    /// The index of the branch or item.
    pub(super) slot: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) index: i64,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Position {
    /// Before the first state, between two states, or after the last one; with the last output.
    BetweenStates(Value),
    InState(Box<Active>),
}

/// A state that has been entered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Active {
    pub(super) state: Arc<State>,
    pub(super) entered_id: i64,
    pub(super) entered_at: Timestamp,
    /// The raw input.
    pub(super) input: Value,
    /// The number of attempts of each retrier.
    pub(super) attempts: Vec<i64>,
    pub(super) retry_count: i64,
    pub(super) phase: Phase,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Phase {
    /// The initial phase, in which Wait states wait.
    Entered,
    /// The task is scheduled; `id` is its `TaskScheduled` event.
    Scheduled { id: i64, submitted: bool },
    /// The task has its result.
    Succeeded,
    /// The pause before another attempt; the timer has the id of the event that failed.
    Retrying { event_id: i64, retrier: usize },
    /// Failed without a retry; `catcher` is the matching catcher of the state, if any.
    Failing { raised: RaisedError, catcher: Option<usize> },
    /// Branches or iterations are running.
    Forked(Fork),
    /// All branches or iterations have ended; their results in order.
    Joined(Vec<Value>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fork {
    /// One for each branch or item.
    pub(super) children: Vec<Child>,
    /// The items of a Map state.
    pub(super) items: Vec<Value>,
    pub(super) max_concurrency: usize,
    /// Events that an iteration may follow: the start, and the last event of each ended iteration.
    predecessors: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Child {
    Pending,
    Running(StrandId),
    Done(Value),
}

/// A strand that was aborted because another one failed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AbortedStrand {
    /// The name of the Map state and the index, for a Map iteration.
    pub(super) iteration: Option<(String, i64)>,
    /// The type of its current state.
    pub(super) state_type: Option<StateType>,
    /// The task to close.
    pub(super) task: Option<i64>,
    /// The timer to cancel.
    pub(super) timer: Option<i64>,
    /// Whether it is the strand that failed.
    pub(super) is_cause: bool,
}

impl Active {
    /// The `TaskScheduled` event of the open task, if any.
    pub(super) fn open_task(&self) -> Option<i64> {
        match self.phase {
            Phase::Scheduled { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The event of the open timer, if any.
    pub(super) fn open_timer(&self) -> Option<i64> {
        match (&self.phase, &self.state.kind) {
            (Phase::Retrying { event_id, .. }, _) => Some(*event_id),
            (Phase::Entered, Kind::Wait(_)) => Some(self.entered_id),
            _ => None,
        }
    }

    pub(super) fn fork_mut(&mut self) -> Option<&mut Fork> {
        match &mut self.phase {
            Phase::Forked(fork) => Some(fork),
            _ => None,
        }
    }
}

impl Strand {
    pub(super) fn active(&self) -> Option<&Active> {
        match &self.position {
            Position::InState(active) => Some(active),
            Position::BetweenStates(_) => None,
        }
    }

    pub(super) fn active_mut(&mut self) -> Option<&mut Active> {
        match &mut self.position {
            Position::InState(active) => Some(active),
            Position::BetweenStates(_) => None,
        }
    }
}

impl Progress {
    /// Clears what concerns only the current step.
    pub(super) fn clear_pending(&mut self) {
        self.new_retry = None;
        self.aborted.clear();
    }

    #[cfg(any(test, fuzzing))]
    pub(super) fn open_tasks(&self) -> Vec<i64> {
        self.strands.values().filter_map(|strand| strand.active()?.open_task()).collect()
    }

    #[cfg(any(test, fuzzing))]
    pub(super) fn open_timers(&self) -> Vec<i64> {
        self.strands.values().filter_map(|strand| strand.active()?.open_timer()).collect()
    }

    fn add(&mut self, strand: Strand) -> StrandId {
        let id = self.next_strand;
        self.next_strand += 1;
        self.strands.insert(id, strand);
        id
    }

    fn find(&self, wanted: impl Fn(&Strand) -> bool) -> Result<StrandId, String> {
        let found = self.strands.iter().find(|(_, strand)| wanted(strand));
        found.map(|(id, _)| *id).ok_or_else(|| "no strand waits for it".to_owned())
    }

    pub(super) fn strand(&mut self, id: StrandId) -> Result<&mut Strand, String> {
        self.strands.get_mut(&id).ok_or_else(|| "its strand has ended".to_owned())
    }

    pub(super) fn active(&mut self, id: StrandId) -> Result<&mut Active, String> {
        self.strand(id)?.active_mut().ok_or_else(|| "its strand is not in a state".to_owned())
    }

    /// The strand that is in a state and whose last event is `previous`.
    fn active_after(&self, previous: i64) -> Result<StrandId, String> {
        self.find(|strand| strand.last == previous && strand.active().is_some())
    }

    /// Applies an event to the strand and changes the phase of its state.
    fn step(&mut self, previous: i64, id: i64, phase: Phase) -> Result<StrandId, String> {
        let strand = self.active_after(previous)?;
        self.strand(strand)?.last = id;
        self.active(strand)?.phase = phase;
        Ok(strand)
    }
}
