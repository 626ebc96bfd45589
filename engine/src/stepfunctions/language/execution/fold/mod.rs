//! The state of an execution as a fold over its events.
//!
//! A *strand* is one line of control: the execution itself, a branch of a Parallel state, an iteration of a Map state.
//! `previous_event_id` ties an event to the strand whose last event that was.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::failure::Raised;
use crate::{
    clock::Timestamp,
    stepfunctions::language::{
        definition::{Kind, Machine, State},
        history::StateType,
        host::ExecutionEnd,
    },
};

mod apply;
mod failing;
mod forks;

pub(super) type StrandId = u32;

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Fold {
    pub(super) last_event_id: i64,
    pub(super) strands: BTreeMap<StrandId, Strand>,
    next_strand: StrandId,
    pub(super) end: Option<ExecutionEnd>,
    /// A retry that has just been decided and still needs its timer. Empty between steps.
    pub(super) new_retry: Option<StrandId>,
    /// What a failure cut off and nobody has been told of. Empty between steps.
    pub(super) casualties: Vec<Casualty>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Strand {
    pub(super) parent: Option<Parent>,
    pub(super) machine: Arc<Machine>,
    /// Id of the strand's last event.
    pub(super) last: i64,
    /// What a Map iteration works on.
    pub(super) item: Option<Item>,
    pub(super) place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) strand: StrandId,
    /// The number of the branch or the item.
    pub(super) slot: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) index: i64,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    /// Before the first state, between two states or after the last; with the output of the last.
    Between(Value),
    In(Box<Active>),
}

/// A state that has been entered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Active {
    pub(super) state: Arc<State>,
    pub(super) entered_id: i64,
    pub(super) entered_at: Timestamp,
    /// The raw input.
    pub(super) input: Value,
    /// Attempts made for each retrier.
    pub(super) attempts: Vec<i64>,
    pub(super) retry_count: i64,
    pub(super) phase: Phase,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Phase {
    /// Nothing more has happened; a Wait state waits in this phase.
    Entered,
    /// A task whose `TaskScheduled` event has this id.
    Scheduled { id: i64, submitted: bool },
    /// The task has its result.
    Succeeded,
    /// The pause before another attempt; the timer bears the id of the event that failed.
    Retrying { event_id: i64, retrier: usize },
    /// Failed for good, and taken by this catcher of the state, if any.
    Failing { raised: Raised, catcher: Option<usize> },
    /// Branches or iterations run.
    Forked(Fork),
    /// They have all ended; the results in order.
    Joined(Vec<Value>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fork {
    /// One for each branch or item.
    pub(super) slots: Vec<Slot>,
    /// The items of a Map state.
    pub(super) items: Vec<Value>,
    pub(super) max_concurrency: usize,
    /// Events that an iteration may follow: the start, and the last of each iteration that has ended.
    anchors: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Slot {
    Pending,
    Running(StrandId),
    Done(Value),
}

/// A strand that was cut off by a failure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Casualty {
    /// Its iteration of a Map state.
    pub(super) iteration: Option<(String, i64)>,
    /// The state it was in.
    pub(super) state_type: Option<StateType>,
    /// A task to close.
    pub(super) task: Option<i64>,
    /// A timer to cancel.
    pub(super) timer: Option<i64>,
    /// It is the one that failed.
    pub(super) is_cause: bool,
}

impl Active {
    /// The open task, if one waits.
    pub(super) fn open_task(&self) -> Option<i64> {
        match self.phase {
            Phase::Scheduled { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The event whose timer is awaited, if one is.
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
        match &self.place {
            Place::In(active) => Some(active),
            Place::Between(_) => None,
        }
    }

    pub(super) fn active_mut(&mut self) -> Option<&mut Active> {
        match &mut self.place {
            Place::In(active) => Some(active),
            Place::Between(_) => None,
        }
    }
}

impl Fold {
    /// Forgets what a step still has to tell, once it is told or was told long ago.
    pub(super) fn settle(&mut self) {
        self.new_retry = None;
        self.casualties.clear();
    }

    pub(super) fn open_tasks(&self) -> Vec<i64> {
        self.strands.values().filter_map(|strand| strand.active()?.open_task()).collect()
    }

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
        found.map(|(id, _)| *id).ok_or_else(|| "no line of control waits for it".to_owned())
    }

    pub(super) fn strand(&mut self, id: StrandId) -> Result<&mut Strand, String> {
        self.strands.get_mut(&id).ok_or_else(|| "its line of control has ended".to_owned())
    }

    pub(super) fn active(&mut self, id: StrandId) -> Result<&mut Active, String> {
        self.strand(id)?.active_mut().ok_or_else(|| "no state is active on its line of control".to_owned())
    }

    /// The strand that is in a state and whose last event is `previous`.
    fn active_after(&self, previous: i64) -> Result<StrandId, String> {
        self.find(|strand| strand.last == previous && strand.active().is_some())
    }

    /// Moves the strand to the event and its state to the phase.
    fn step(&mut self, previous: i64, id: i64, phase: Phase) -> Result<StrandId, String> {
        let strand = self.active_after(previous)?;
        self.strand(strand)?.last = id;
        self.active(strand)?.phase = phase;
        Ok(strand)
    }
}
