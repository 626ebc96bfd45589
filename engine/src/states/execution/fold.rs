//! The state of an execution as a fold over its events.
//!
//! A *strand* is one line of control: the execution itself, a branch of a Parallel state, an iteration of a Map state.
//! `previous_event_id` ties an event to the strand whose last event that was.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{Execution, failure::Raised};
use crate::{
    clock::Timestamp,
    states::{
        definition::{Kind, Machine, State},
        history::{EventKind, Failure, HistoryEvent, StateType},
        host::{ExecutionEnd, TaskError},
    },
};

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

    /// The Parallel or Map state that runs and whose last event, or the last event of a child of which, is `previous`.
    fn forked_at(&self, previous: i64) -> Result<StrandId, String> {
        // One that has failed already is not meant: then it is the child.
        let is_fork = |strand: &Strand| strand.active().is_some_and(|active| matches!(active.phase, Phase::Forked(_)));
        self.find(|strand| strand.last == previous && is_fork(strand)).or_else(|_| {
            let child = self.find(|strand| strand.last == previous && strand.parent.is_some())?;
            let parent = self.strands.get(&child).and_then(|strand| strand.parent);
            parent.map(|parent| parent.strand).ok_or_else(|| "it has no Parallel or Map state".to_owned())
        })
    }

    fn ends(&mut self, end: ExecutionEnd) {
        self.end = Some(end);
        self.strands.clear();
    }

    /// An event says that the state of this strand failed: a retrier of it or of the state around it may take it.
    fn raise(&mut self, id: StrandId, raised: Raised, event_id: i64, may_retry: bool) -> Result<(), String> {
        let active = self.active(id)?;
        if may_retry && active.retry(&raised, event_id) {
            self.new_retry = Some(id);
            return Ok(());
        }
        let catcher = raised.catcher(&active.state.catch);
        active.phase = Phase::Failing { raised: raised.clone(), catcher };
        let strand = self.strand(id)?;
        let (last, parent) = (strand.last, strand.parent);
        if let (None, Some(parent)) = (catcher, parent)
            && self.active(parent.strand)?.would_retry(&raised)
        {
            self.cut_children(parent.strand, last);
            self.active(parent.strand)?.retry(&raised, event_id);
            self.new_retry = Some(parent.strand);
        }
        Ok(())
    }

    /// Takes all strands below `parent` away, remembering what has to be told; `last` becomes the parent's last event.
    pub(super) fn cut_children(&mut self, parent: StrandId, last: i64) {
        let children: Vec<StrandId> = self
            .strands
            .iter()
            .filter(|(_, strand)| strand.parent.is_some_and(|p| p.strand == parent))
            .map(|(id, _)| *id)
            .collect();
        let map_name = self
            .strands
            .get(&parent)
            .and_then(Strand::active)
            .and_then(|active| matches!(active.state.kind, Kind::Map(_)).then(|| active.state.name.clone()));
        for child in children {
            let Some(strand) = self.strands.get(&child) else { continue };
            let active = strand.active();
            let casualty = Casualty {
                iteration: map_name.clone().zip(strand.item.as_ref().map(|item| item.index)),
                state_type: active.map(|active| active.state.state_type()),
                task: active.and_then(Active::open_task),
                timer: active.and_then(Active::open_timer),
                is_cause: strand.last == last,
            };
            self.casualties.push(casualty);
            self.cut_children(child, last);
            self.strands.remove(&child);
        }
        if let Some(strand) = self.strands.get_mut(&parent) {
            strand.last = last;
        }
    }
}

impl Active {
    fn would_retry(&self, raised: &Raised) -> bool {
        raised.retrier(&self.state.retry, &self.attempts).is_some()
    }

    /// Begins the pause before another attempt, if a retrier takes the error.
    fn retry(&mut self, raised: &Raised, event_id: i64) -> bool {
        let Some(retrier) = raised.retrier(&self.state.retry, &self.attempts) else { return false };
        if let Some(attempts) = self.attempts.get_mut(retrier) {
            *attempts += 1;
        }
        self.retry_count += 1;
        self.phase = Phase::Retrying { event_id, retrier };
        true
    }
}

fn error_of(failure: Failure) -> TaskError {
    failure.into()
}

impl Execution {
    /// Folds one event in. An error says why the event does not fit.
    pub(super) fn apply(&mut self, event: HistoryEvent) -> Result<(), String> {
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
                fold.raise(strand, failure.into(), id, true)?;
            }
            EventKind::TaskTimedOut { failure, heartbeat, .. }
            | EventKind::LambdaFunctionTimedOut { failure, heartbeat } => {
                let strand = fold.step(previous, id, Phase::Entered)?;
                fold.raise(strand, Raised { failure, heartbeat }, id, true)?;
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

    fn fork_branches(&mut self, strand: StrandId, id: i64) -> Result<(), String> {
        let state = Arc::clone(&self.active(strand)?.state);
        let Kind::Parallel(branches) = &state.kind else { return Err(format!("'{}' has no branches", state.name)) };
        let mut slots = Vec::with_capacity(branches.len());
        for (slot, machine) in branches.iter().enumerate() {
            let parent = Some(Parent { strand, slot });
            let machine = Arc::clone(machine);
            let place = Place::Between(Value::Null);
            slots.push(Slot::Running(self.add(Strand { parent, machine, last: id, item: None, place })));
        }
        let max_concurrency = slots.len();
        self.active(strand)?.phase =
            Phase::Forked(Fork { slots, items: Vec::new(), max_concurrency, anchors: Vec::new() });
        Ok(())
    }

    fn start_iteration(&mut self, previous: i64, id: i64, index: i64) -> Result<(), String> {
        let map = self.find(|strand| match strand.active().map(|active| &active.phase) {
            Some(Phase::Forked(fork)) => fork.anchors.contains(&previous),
            _ => false,
        })?;
        let active = self.active(map)?;
        let Kind::Map(definition) = &active.state.kind else { return Err("it is not in a Map state".to_owned()) };
        let machine = Arc::clone(&definition.processor);
        let slot = usize::try_from(index).map_err(|_| "its index is negative".to_owned())?;
        let value = active.fork_mut().and_then(|fork| fork.items.get(slot)).cloned();
        let item = Item { index, value: value.ok_or("there is no such item")? };
        let parent = Some(Parent { strand: map, slot });
        let child =
            self.add(Strand { parent, machine, last: id, item: Some(item), place: Place::Between(Value::Null) });
        let slot = self.active(map)?.fork_mut().and_then(|fork| fork.slots.get_mut(slot));
        *slot.ok_or("there is no such iteration")? = Slot::Running(child);
        Ok(())
    }

    fn end_iteration(&mut self, previous: i64, id: i64) -> Result<(), String> {
        let child = self.find(|strand| strand.last == previous && strand.parent.is_some() && strand.item.is_some())?;
        let Some(Strand { parent: Some(parent), place: Place::Between(output), .. }) = self.strands.remove(&child)
        else {
            return Err("its iteration is still in a state".to_owned());
        };
        self.strand(parent.strand)?.last = id;
        let fork = self.active(parent.strand)?.fork_mut().ok_or("its Map state does not run")?;
        fork.anchors.push(previous);
        *fork.slots.get_mut(parent.slot).ok_or("there is no such iteration")? = Slot::Done(output);
        Ok(())
    }

    fn join(&mut self, previous: i64) -> Result<(), String> {
        let strand = self.forked_at(previous)?;
        let slots = match self.active(strand)?.fork_mut() {
            Some(fork) => std::mem::take(&mut fork.slots),
            None => return Err("its Parallel or Map state does not run".to_owned()),
        };
        let mut results = Vec::with_capacity(slots.len());
        for slot in slots {
            results.push(match slot {
                Slot::Done(value) => value,
                Slot::Pending => return Err("not every iteration has run".to_owned()),
                Slot::Running(child) => match self.strands.remove(&child).map(|child| child.place) {
                    Some(Place::Between(output)) => output,
                    _ => return Err("a branch is still in a state".to_owned()),
                },
            });
        }
        self.strand(strand)?.last = previous;
        self.active(strand)?.phase = Phase::Joined(results);
        Ok(())
    }
}
