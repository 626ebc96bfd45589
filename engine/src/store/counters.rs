//! Counters and health of the writer.

use std::sync::atomic::AtomicU64;

use crate::store::health::Health;

/// Counts since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// Committed transactions.
    pub commits: u64,
    /// Jobs in them.
    pub jobs: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(super) commits: AtomicU64,
    pub(super) jobs: AtomicU64,
    pub(super) health: Health,
}
