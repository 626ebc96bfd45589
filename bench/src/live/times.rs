//! The median and the 99th percentile of measured durations.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Percentiles in milliseconds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
            times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
        };
        Self { p50: at(50), p99: at(99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p99_of_a_hundred_durations_is_the_second_longest() {
        let times = Times::of((1..=100).rev().map(Duration::from_millis).collect());
        assert!((times.p50 - 50.0).abs() < 1e-9 && (times.p99 - 99.0).abs() < 1e-9, "{times:?}");
        let few = Times::of((1..=30).map(Duration::from_millis).collect());
        assert!((few.p99 - 30.0).abs() < 1e-9, "{few:?}");
    }
}
