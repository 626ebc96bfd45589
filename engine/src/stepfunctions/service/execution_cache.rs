//! Executions in memory, so that a step need not read and replay the whole history.
//!
//! An entry always equals the replay of the committed history: A step takes its execution out of the cache. The
//! advanced execution is put back only after the commit; if the step is rolled back, the next step replays the history.
//! Only the writer thread does both, so they happen in the order of the commits.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::stepfunctions::language::execution::Execution;

/// Maximum number of executions. Others are replayed before their next step.
const CAPACITY: usize = 2_000;

/// The executions that advanced last.
#[derive(Debug, Default)]
pub(crate) struct ExecutionCache {
    entries: Mutex<HashMap<i64, Execution>>,
}

impl ExecutionCache {
    /// Takes an execution out.
    pub(super) fn take(&self, execution: i64) -> Option<Execution> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(&execution)
    }

    /// Puts back executions after a commit. Ended executions are not kept.
    pub(super) fn put(&self, executions: impl IntoIterator<Item = (i64, Execution)>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, execution) in executions {
            if execution.end().is_some() {
                entries.remove(&id);
                continue;
            }
            if entries.len() >= CAPACITY
                && let Some(other) = entries.keys().next().copied()
            {
                entries.remove(&other);
            }
            entries.insert(id, execution);
        }
    }
}
