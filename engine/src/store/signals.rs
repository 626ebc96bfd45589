//! How the writer wakes the background loops.

use tokio::sync::watch;

use crate::clock::Timestamp;

/// What the background loops wait for. The writer raises both after the commit that caused them.
#[derive(Debug)]
pub(crate) struct Signals {
    /// Counts the commits that added deliveries to the outbox.
    pub(crate) outbox: watch::Sender<u64>,
    /// The earliest deadline set since the timer loop last read the deadlines; it changes only to an earlier one.
    pub(crate) deadline: watch::Sender<Option<Timestamp>>,
}
