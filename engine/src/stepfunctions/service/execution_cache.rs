//! Executions in memory, so that a step need not read and fold the whole history each time.
//!
//! What is kept here always equals what a replay of the committed history gives, by three rules. A step takes its
//! execution out; whatever it does then, a copy that is out of date is not left behind. Only after the commit is the
//! carried-on execution put back; a step that is rolled back leaves nothing, and the next one replays. And the writer
//! is the only thread that does either, so they happen in the order of the commits.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::stepfunctions::language::execution::Execution;

/// Executions kept at most. Those beyond it are replayed when their turn comes.
const CAPACITY: usize = 2_000;

/// The executions that were carried on last.
#[derive(Debug, Default)]
pub(crate) struct ExecutionCache {
    kept: Mutex<HashMap<i64, Execution>>,
}

impl ExecutionCache {
    /// Takes an execution out.
    pub(super) fn take(&self, execution: i64) -> Option<Execution> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&execution)
    }

    /// Puts back what a commit has made durable; one that has ended is not kept.
    pub(super) fn put(&self, executions: impl IntoIterator<Item = (i64, Execution)>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, execution) in executions {
            if execution.end().is_some() {
                kept.remove(&id);
                continue;
            }
            if kept.len() >= CAPACITY
                && let Some(other) = kept.keys().next().copied()
            {
                kept.remove(&other);
            }
            kept.insert(id, execution);
        }
    }
}
