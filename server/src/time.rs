//! The injected clocks, and conversions to the domain's timestamps.

use std::{sync::Arc, time::Duration};

use aws_sdk_sfn::primitives::{DateTime, DateTimeFormat};
use domain::Timestamp;
use engine::clock::{self, Clock, MonotonicClock, SystemClock};

/// The two clocks of a server. In browser tests the first is set by the test, while browsers and connections use real
/// time.
#[derive(Debug, Clone)]
pub struct Clocks {
    /// The clock of orders and workflows: the time that is shown and stored.
    pub orders: Arc<dyn Clock>,
    /// The clock of connections: heartbeats, time limits and polling. Setting the time of the machine must not change
    /// it.
    pub connections: Arc<dyn Clock>,
}

impl Clocks {
    /// The clocks of this machine.
    pub fn system() -> Self {
        Self { orders: Arc::new(SystemClock), connections: Arc::new(MonotonicClock::start()) }
    }

    /// One clock for both.
    pub fn single(clock: Arc<dyn Clock>) -> Self {
        Self { orders: Arc::clone(&clock), connections: clock }
    }
}

pub(crate) fn now(clock: &dyn Clock) -> Timestamp {
    Timestamp(clock.now().millis())
}

/// Resolves at `deadline`.
pub(crate) async fn sleep_until(clock: &dyn Clock, deadline: Timestamp) {
    clock.sleep_until(clock::Timestamp(deadline.0)).await;
}

/// Resolves after `span`.
pub(crate) async fn sleep(clock: &dyn Clock, span: Duration) {
    clock.sleep_until(clock.now() + span).await;
}

/// Parses `2026-11-20T10:42:07.123Z`, as workflows and event envelopes write it.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let time = DateTime::from_str(text, DateTimeFormat::DateTimeWithOffset).ok()?;
    time.to_millis().ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_use_a_monotonic_clock() {
        let connections = format!("{:?}", Clocks::system().connections);
        assert!(connections.starts_with("MonotonicClock"), "{connections}");
    }

    #[test]
    fn the_times_of_envelopes_and_workflows_are_parsed() {
        assert_eq!(parse("2024-02-29T12:34:56Z"), Some(Timestamp(1_709_210_096_000)));
        assert_eq!(parse("2024-02-29T12:34:56.789Z"), Some(Timestamp(1_709_210_096_789)));
        assert_eq!(parse("yesterday"), None);
    }
}
