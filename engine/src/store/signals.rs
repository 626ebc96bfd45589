//! How the writer wakes the background loops.

use tokio::sync::watch;

use crate::clock::Timestamp;

/// What the background loops wait for. Both are raised by the writer after the commit that caused them.
#[derive(Debug)]
pub(crate) struct Signals {
    /// Counts the commits that put something into the outbox.
    pub(crate) outbox: watch::Sender<u64>,
    /// The earliest deadline that was set since the timer loop looked; raised only when an earlier one comes.
    pub(crate) deadline: watch::Sender<Option<Timestamp>>,
}
