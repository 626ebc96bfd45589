//! Detects that the device has slept. Its sockets are dead then, but in many browsers the steady clock stops
//! during sleep, so the last frame seems recent.

/// A smaller difference between the clocks is not sleep: half of the silence that breaks a connection.
const SLEEP_MILLIS: i64 = 7_500;

/// The difference between the device's clock and the steady clock at the last check, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suspension(i64);

impl Suspension {
    pub(super) const fn new(steady: i64, wall: i64) -> Self {
        Self(wall - steady)
    }

    /// Whether the device's clock has run ahead of the steady clock since the last check. The device has slept, or its
    /// clock was set; the two cannot be distinguished, so the connection must be checked in both cases.
    pub(super) const fn detect(&mut self, steady: i64, wall: i64) -> bool {
        let before = self.0;
        self.0 = wall - steady;
        self.0 - before >= SLEEP_MILLIS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_is_detected_once() {
        let mut suspension = Suspension::new(0, 1_000_000);
        assert!(!suspension.detect(60_000, 1_060_000), "a minute for both, as in a hidden tab");
        assert!(!suspension.detect(61_000, 1_062_000), "a correction by a second");
        assert!(suspension.detect(62_000, 4_662_000), "an hour of sleep");
        assert!(!suspension.detect(63_000, 4_663_000));
        assert!(!suspension.detect(64_000, 1_064_000), "set back by an hour");
        assert!(!suspension.detect(65_000, 1_065_000));
    }
}
