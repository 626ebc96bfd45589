//! Limits the messages of a client. Our pages send a hello when they open and when they show other topics, which is a
//! few times a minute. Each hello may read the tables.

use domain::Timestamp;

/// How many messages may arrive at once.
const BURST: i64 = 60;
/// The time for one more message after that, in milliseconds.
const MILLIS_EACH: i64 = 1_000;

/// A token bucket, stored as the time at which it is full again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MessageLimit {
    full_at: Timestamp,
}

impl MessageLimit {
    /// Takes one message from the bucket. Returns false when it is empty.
    pub(super) fn take(&mut self, now: Timestamp) -> bool {
        let next = self.full_at.max(now).plus_millis(MILLIS_EACH);
        if next.millis_since(now) > BURST * MILLIS_EACH {
            return false;
        }
        self.full_at = next;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_one_a_second() {
        let mut allowance = MessageLimit::default();
        let mut now = Timestamp(1_000_000);
        let taken = (0..100).filter(|_| allowance.take(now)).count();
        assert_eq!(taken, 60);
        now = now.plus_millis(999);
        assert!(!allowance.take(now));
        now = now.plus_millis(1);
        assert!(allowance.take(now) && !allowance.take(now));
        now = now.plus_millis(3_600_000);
        assert_eq!((0..100).filter(|_| allowance.take(now)).count(), 60, "it does not grow beyond a burst");
    }
}
