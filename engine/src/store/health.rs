//! Whether commits work.

use std::sync::{Mutex, PoisonError};

use crate::{clock::Timestamp, error::Outage};

/// Commits fail: none has succeeded since the first that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitFailure {
    /// When the first of them failed.
    pub since: Timestamp,
    /// Why the last of them failed.
    pub outage: Outage,
}

/// The outcome of the latest commits.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Option<CommitFailure>>);

impl Health {
    /// Records that a commit failed.
    pub(super) fn failed(&self, now: Timestamp, outage: Outage) {
        let mut failure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = failure.map_or(now, |failure| failure.since);
        *failure = Some(CommitFailure { since, outage });
    }

    /// Records that a commit that changed something succeeded.
    pub(super) fn record_success(&self) {
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            tracing::info!("commits work again");
        }
    }

    /// Since when and why commits fail; `None` while they work.
    pub(super) fn failure(&self) -> Option<CommitFailure> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
