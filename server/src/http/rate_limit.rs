//! Limits how often a network may start and submit orders, and how many warnings it may cause: a token bucket for each
//! network, stored as the time at which it is full again. There are crates for this, but they bring their own clocks.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
};

use app::backend::Attempt;
use engine::clock::Clock;

/// A minute, in microseconds: the size of a bucket.
const MINUTE: i64 = 60_000_000;
/// From this many networks on, full buckets are removed from time to time.
const NETWORKS: usize = 1_024;

/// How many warnings in the log a network may cause in a minute.
const WARNINGS_PER_MINUTE: i64 = 20;

/// What is limited. Each has buckets of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LimitedAction {
    /// Starting or submitting an order.
    Attempt(Attempt),
    /// A warning in the log.
    Warning,
}

#[derive(Debug)]
pub(crate) struct RateLimiter {
    /// Microseconds between two attempts.
    interval: i64,
    clock: Arc<dyn Clock>,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    /// In microseconds since 1970.
    full_at: HashMap<(IpAddr, LimitedAction), i64>,
    /// The number of buckets at which full ones are removed.
    forget_at: usize,
}

impl RateLimiter {
    pub(crate) fn new(per_minute: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        let buckets = Buckets { full_at: HashMap::new(), forget_at: NETWORKS };
        Self { interval: (MINUTE / i64::from(per_minute.get())).max(1), clock, buckets: Mutex::new(buckets) }
    }

    /// Takes one token from the bucket of a network.
    ///
    /// # Errors
    /// The number of seconds until there is a token again.
    pub(crate) fn take(&self, network: IpAddr, limited: LimitedAction) -> Result<(), u32> {
        let interval = match limited {
            LimitedAction::Attempt(_) => self.interval,
            LimitedAction::Warning => MINUTE / WARNINGS_PER_MINUTE,
        };
        let now = self.clock.now().millis().saturating_mul(1_000);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.full_at.len() >= buckets.forget_at {
            buckets.full_at.retain(|_, full_at| *full_at > now);
            buckets.forget_at = NETWORKS.max(2 * buckets.full_at.len());
        }
        let full_at = buckets.full_at.entry((network, limited)).or_insert(now);
        // A bucket is full after a minute, unless the clock was set back.
        let begin = if *full_at - now > MINUTE { now } else { (*full_at).max(now) };
        let next = begin + interval;
        let wait = next - now - MINUTE;
        if wait > 0 {
            return Err(u32::try_from(wait.unsigned_abs().div_ceil(1_000_000)).unwrap_or(u32::MAX));
        }
        *full_at = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engine::clock::{ManualClock, Timestamp};

    use super::*;

    const START: LimitedAction = LimitedAction::Attempt(Attempt::Start);
    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

    fn rates(per_minute: u32) -> (ManualClock, RateLimiter) {
        let clock = ManualClock::starting_at(Timestamp(1_795_171_200_000));
        (clock.clone(), RateLimiter::new(NonZeroU32::new(per_minute).unwrap(), Arc::new(clock)))
    }

    #[test]
    fn the_starts_of_a_minute_are_allowed_at_once_and_then_one_by_one() {
        let (clock, rates) = rates(12);
        let taken = (0..20).filter(|_| rates.take(HERE, START).is_ok()).count();
        assert_eq!(taken, 12);
        assert_eq!(rates.take(HERE, START), Err(5));
        assert_eq!(rates.take(HERE, LimitedAction::Attempt(Attempt::Submit)), Ok(()), "each kind has its own");
        let there = IpAddr::from([203, 0, 113, 8]);
        assert_eq!(rates.take(there, START), Ok(()), "each network has its own");
        clock.advance(Duration::from_secs(4));
        assert_eq!(rates.take(HERE, START), Err(1));
        clock.advance(Duration::from_secs(1));
        assert_eq!(rates.take(HERE, START), Ok(()));
        clock.advance(Duration::from_secs(3_600));
        assert_eq!((0..20).filter(|_| rates.take(HERE, START).is_ok()).count(), 12, "no more than a minute's");
    }

    #[test]
    fn full_buckets_are_removed() {
        let (clock, rates) = rates(120);
        let of = |number: u32| IpAddr::from(number.to_be_bytes());
        for number in 0..5_000 {
            rates.take(of(number), START).unwrap();
            clock.advance(Duration::from_millis(10));
        }
        assert!(rates.buckets.lock().unwrap().full_at.len() <= NETWORKS);
    }
}
