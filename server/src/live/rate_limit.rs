//! How much a reader may say. A page of ours says hello when it opens and when it shows something else, which is a few
//! times a minute; whoever says it all day makes the server read tables for nothing.

use domain::Timestamp;

/// So much may come at once.
const BURST: i64 = 60;
/// After that, one message in so many milliseconds.
const MILLIS_EACH: i64 = 1_000;

/// What is left to a connection: a token bucket, kept as the time at which it will be full again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Allowance {
    full_at: Timestamp,
}

impl Allowance {
    /// Takes one message. False when the reader has said too much.
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
        let mut allowance = Allowance::default();
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
