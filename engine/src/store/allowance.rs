//! The limits of one commit: how much its jobs may write, and how long they may take.

use std::{cell::Cell, time::Duration};

use crate::clock::{Clock, Timestamp};

/// Bytes that the executions of one commit may write. The rest is left to a later commit.
const MAX_BYTES: usize = 1 << 20;
/// Bytes that a job may always write for executions, whatever the other jobs of the commit have used. So an ordinary
/// step, such as one of an order, is never cut off and is done when its caller is answered.
const JOB_BYTES: usize = 64 << 10;
/// Time that the jobs of one commit may take. The rest is left to a later commit.
const MAX_TIME: Duration = Duration::from_millis(50);

/// What one commit has used of its limits. All jobs of the commit share it.
///
/// Bytes are counted the same way in every run, so a simulation whose clock stands still cuts at the same places. The
/// time limit is for states that compute much and write little. It uses the clock that also dates the commit: if that
/// clock is set back, the byte limit still ends the commit; if it is set forward, the commit only ends early.
pub(crate) struct Allowance<'a> {
    clock: &'a dyn Clock,
    began: Timestamp,
    bytes: Cell<usize>,
}

impl<'a> Allowance<'a> {
    /// The full allowance of a commit that begins now.
    pub(crate) fn new(clock: &'a dyn Clock) -> Self {
        Self { clock, began: clock.now(), bytes: Cell::new(0) }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the commit should end and take no further job.
    pub(super) fn is_spent(&self) -> bool {
        self.bytes.get() >= MAX_BYTES || self.is_out_of_time()
    }

    fn is_out_of_time(&self) -> bool {
        self.clock.now() >= self.began + MAX_TIME
    }

    /// The allowance of one job of the commit.
    pub(super) const fn for_job(&'a self) -> JobAllowance<'a> {
        JobAllowance { commit: self, bytes: Cell::new(0) }
    }
}

/// What one job has used of the allowance of its commit.
pub(crate) struct JobAllowance<'a> {
    commit: &'a Allowance<'a>,
    bytes: Cell<usize>,
}

impl JobAllowance<'_> {
    /// Takes this many bytes off the allowance.
    pub(crate) fn spend(&self, bytes: usize) {
        for used in [&self.bytes, &self.commit.bytes] {
            used.set(used.get().saturating_add(bytes));
        }
    }

    /// Whether the commit has used up its time.
    pub(crate) fn is_out_of_time(&self) -> bool {
        self.commit.is_out_of_time()
    }

    /// Whether the job should leave the rest of its work to a later commit.
    pub(crate) fn is_spent(&self) -> bool {
        self.bytes.get() >= JOB_BYTES && self.commit.is_spent()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn bytes_and_time_each_end_a_commit() {
        let clock = ManualClock::starting_at(Timestamp(1_000));
        let allowance = Allowance::new(&clock);
        let share = allowance.for_job();
        share.spend(MAX_BYTES - 1);
        assert!(!allowance.is_spent() && !share.is_spent());
        share.spend(1);
        assert!(allowance.is_spent() && share.is_spent());
        let allowance = Allowance::new(&clock);
        clock.advance(MAX_TIME - Duration::from_millis(1));
        assert!(!allowance.is_spent());
        clock.advance(Duration::from_millis(1));
        assert!(allowance.is_spent());
        let share = allowance.for_job();
        share.spend(JOB_BYTES - 1);
        assert!(!share.is_spent(), "an ordinary step is cut");
        share.spend(1);
        assert!(share.is_spent());
    }
}
