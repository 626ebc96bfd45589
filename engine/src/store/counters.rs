//! What the writer counts.

use std::sync::atomic::AtomicU64;

use crate::store::health::Health;

/// How often the store was written to since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// Transactions that were committed to the disk.
    pub commits: u64,
    /// Jobs that were part of them.
    pub jobs: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(super) commits: AtomicU64,
    pub(super) jobs: AtomicU64,
    pub(super) health: Health,
}
