//! The queue of states that an execution has to enter.

use std::{collections::VecDeque, sync::Arc};

use serde_json::Value;

use super::progress::StrandId;
use crate::stepfunctions::language::host::{QueueChange, QueuedState};

/// States in the order in which they are entered. Empty between two steps, unless a step has paused.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Entry>,
    /// Positions of stored entries that are no longer queued.
    removed: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    state: QueuedState,
    is_stored: bool,
}

impl Queue {
    /// The stored queue, in order.
    pub(super) fn stored(states: impl IntoIterator<Item = QueuedState>) -> Self {
        let waiting = states.into_iter().map(|state| Entry { state, is_stored: true }).collect();
        Self { waiting, removed: Vec::new() }
    }

    /// Adds states with the same input.
    pub(super) fn push(&mut self, states: impl IntoIterator<Item = (StrandId, String)>, input: Value) {
        let first = self.waiting.back().map_or(0, |last| last.state.position) + 1;
        let input = Arc::new(input);
        for (position, (strand, name)) in (first..).zip(states) {
            let state = QueuedState { position, strand, name, input_id: first, input: Arc::clone(&input) };
            self.waiting.push_back(Entry { state, is_stored: false });
        }
    }

    /// Removes and returns the next state.
    pub(super) fn pop(&mut self) -> Option<QueuedState> {
        let Entry { state, is_stored } = self.waiting.pop_front()?;
        if is_stored {
            self.removed.push(state.position);
        }
        Some(state)
    }

    pub(super) fn contains(&self, strand: StrandId) -> bool {
        self.waiting.iter().any(|entry| entry.state.strand == strand)
    }

    /// Removes the states of all strands but these.
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

    /// The changes since the host stored the queue, which count as stored afterwards; `None` if there are none.
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
