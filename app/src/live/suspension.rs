//! Notices that the device was asleep. Its sockets are dead then, but in many browsers the steady clock has stood still,
//! so that the page seems to have heard of the server a moment ago.

/// The clocks have come apart by less than this where the device was not asleep: half of the silence that breaks a line.
const LEAST_MILLIS: i64 = 7_500;

/// How far the device's clock was ahead of the steady clock when somebody last looked, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suspension(i64);

impl Suspension {
    pub(super) const fn new(steady: i64, wall: i64) -> Self {
        Self(wall - steady)
    }

    /// True when the device's clock has run away from the steady clock since the last look: the device was asleep, or its
    /// clock was set forward. Nobody can tell which, so the connection must be tried in both cases.
    pub(super) const fn detect(&mut self, steady: i64, wall: i64) -> bool {
        let before = self.0;
        self.0 = wall - steady;
        self.0 - before >= LEAST_MILLIS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_clock_that_stood_still_is_noticed_once() {
        let mut suspension = Suspension::new(0, 1_000_000);
        assert!(!suspension.detect(60_000, 1_060_000), "a minute for both, as in a hidden tab");
        assert!(!suspension.detect(61_000, 1_062_000), "a clock is set right by a second");
        assert!(suspension.detect(62_000, 4_662_000), "an hour of sleep");
        assert!(!suspension.detect(63_000, 4_663_000));
        assert!(!suspension.detect(64_000, 1_064_000), "set back by an hour");
        assert!(!suspension.detect(65_000, 1_065_000));
    }
}
