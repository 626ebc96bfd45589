//! The states that an execution enters next.

use std::{collections::VecDeque, sync::Arc};

use serde_json::Value;

use super::fold::StrandId;
use crate::stepfunctions::language::host::{QueueChange, QueuedState};

/// States in the order in which they are entered. Empty between two steps, unless a step had to pause.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Entry>,
    /// Positions of entries that the host has stored and that do not wait any more.
    removed: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    state: QueuedState,
    is_stored: bool,
}

impl Queue {
    /// The queue as the host has stored it, in order.
    pub(super) fn stored(states: impl IntoIterator<Item = QueuedState>) -> Self {
        let waiting = states.into_iter().map(|state| Entry { state, is_stored: true }).collect();
        Self { waiting, removed: Vec::new() }
    }

    /// Adds states that all get the same input.
    pub(super) fn push(&mut self, states: impl IntoIterator<Item = (StrandId, String)>, input: Value) {
        let first = self.waiting.back().map_or(0, |last| last.state.position) + 1;
        let input = Arc::new(input);
        for (position, (strand, name)) in (first..).zip(states) {
            let state = QueuedState { position, strand, name, input_id: first, input: Arc::clone(&input) };
            self.waiting.push_back(Entry { state, is_stored: false });
        }
    }

    /// Takes the next state out.
    pub(super) fn pop(&mut self) -> Option<QueuedState> {
        let Entry { state, is_stored } = self.waiting.pop_front()?;
        if is_stored {
            self.removed.push(state.position);
        }
        Some(state)
    }

    pub(super) fn holds(&self, strand: StrandId) -> bool {
        self.waiting.iter().any(|entry| entry.state.strand == strand)
    }

    /// Takes out the states of all lines of control but these.
    pub(super) fn retain(&mut self, is_kept: impl Fn(StrandId) -> bool) {
        let removed = &mut self.removed;
        self.waiting.retain(|entry| {
            let kept = is_kept(entry.state.strand);
            if !kept && entry.is_stored {
                removed.push(entry.state.position);
            }
            kept
        });
    }

    /// What has changed since the host stored the queue; from now on that is taken for stored. `None` when the host has
    /// nothing to do.
    pub(super) fn take_change(&mut self) -> Option<QueueChange> {
        if self.waiting.is_empty() && self.removed.is_empty() {
            return None;
        }
        let mut added = Vec::new();
        for entry in self.waiting.iter_mut().filter(|entry| !entry.is_stored) {
            entry.is_stored = true;
            added.push(entry.state.clone());
        }
        Some(QueueChange { removed: std::mem::take(&mut self.removed), added, is_empty: self.waiting.is_empty() })
    }
}
