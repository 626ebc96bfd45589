//! Estimates of how long an order will take, from how long the last drinks of this bar took.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The number of drinks that a window remembers.
const WINDOW: usize = 20;
/// The fewest drinks that give an estimate.
const MIN_SAMPLES: usize = 3;
/// A shorter time from claim to completion is not a preparation time: the barista tapped both afterwards.
const SHORTEST_MILLIS: i64 = 10_000;
/// A longer time is not a preparation time: the barista forgot to tap.
const LONGEST_MILLIS: i64 = 15 * 60_000;
/// The shortest wait that is quoted, in minutes.
const MIN_MINUTES: u32 = 2;
const MINUTE_MILLIS: i64 = 60_000;

/// A wait, as a range of whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitRange {
    /// The earliest time.
    pub from: u32,
    /// The latest time to expect; always more than `from`.
    pub to: u32,
}

/// A wait that exceeds its quote by no more than this is not a delay, in milliseconds.
const TOLERANCE_MILLIS: i64 = 2 * MINUTE_MILLIS;

/// Why an order takes longer than its quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Delay {
    /// More orders are ahead of it than before: one of them was recalled.
    MoreBefore,
    /// Fewer baristas are working.
    FewerBaristas,
    /// Drinks take longer than before.
    Slower,
}

/// The wait that a guest was shown, and what it was computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// The latest time at which the order should be ready.
    by: Timestamp,
    ahead: u32,
    baristas: usize,
}

impl Quote {
    /// The quote that is shown at `now`, with `ahead` orders before this one and `baristas` working.
    pub fn new(wait: WaitRange, ahead: u32, baristas: usize, now: Timestamp) -> Self {
        Self { by: now.plus_millis(i64::from(wait.to).saturating_mul(MINUTE_MILLIS)), ahead, baristas }
    }

    /// The quote with the earlier deadline: the one that the guest remembers.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        if other.by < self.by { other } else { self }
    }

    /// Why the order takes longer than this quote, given the quote of the present. `None` while it does not.
    pub fn delay(self, now: Self) -> Option<Delay> {
        if now.by.millis_since(self.by) <= TOLERANCE_MILLIS {
            None
        } else if now.ahead > self.ahead {
            Some(Delay::MoreBefore)
        } else if now.baristas < self.baristas {
            Some(Delay::FewerBaristas)
        } else {
            Some(Delay::Slower)
        }
    }
}

/// How long the last drinks took, by drink and in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pace {
    by_drink: BTreeMap<String, VecDeque<i64>>,
    all: VecDeque<i64>,
}

/// The preparation time of a drink, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PrepTime {
    /// The 50th percentile.
    median: i64,
    /// The 80th percentile.
    slow: i64,
}

impl Pace {
    /// Records the time from claim to completion of a drink. Times that cannot be preparation times are ignored.
    pub fn record(&mut self, drink: &str, millis: i64) {
        if !(SHORTEST_MILLIS..=LONGEST_MILLIS).contains(&millis) {
            return;
        }
        for window in [self.by_drink.entry(drink.to_owned()).or_default(), &mut self.all] {
            if window.len() == WINDOW {
                window.pop_front();
            }
            window.push_back(millis);
        }
    }

    /// Whether there are enough drinks for an estimate.
    pub fn has_enough(&self) -> bool {
        self.all.len() >= MIN_SAMPLES
    }

    /// The preparation time of this drink, or of all drinks if there are too few of this one. `None` if there are too
    /// few of all.
    fn prep_time(&self, drink: Option<&str>) -> Option<PrepTime> {
        let own = drink.and_then(|drink| self.by_drink.get(drink)).filter(|window| window.len() >= MIN_SAMPLES);
        let window = own.unwrap_or(&self.all);
        if window.len() < MIN_SAMPLES {
            return None;
        }
        let mut sorted: Vec<i64> = window.iter().copied().collect();
        sorted.sort_unstable();
        let at = |tenths: usize| sorted.get((sorted.len() - 1) * tenths / 10).copied();
        Some(PrepTime { median: at(5)?, slow: at(8)? })
    }
}

/// An estimate for a queue. Orders join it from the front, and each adds to the wait of the orders behind it.
#[derive(Debug)]
pub struct QueueEstimate<'a> {
    pace: &'a Pace,
    baristas: i64,
    now: Timestamp,
    work: PrepTime,
}

impl<'a> QueueEstimate<'a> {
    /// An empty queue.
    pub fn new(pace: &'a Pace, baristas: usize, now: Timestamp) -> Self {
        let baristas = i64::try_from(baristas.max(1)).unwrap_or(i64::MAX);
        Self { pace, baristas, now, work: PrepTime { median: 0, slow: 0 } }
    }

    /// The wait of an order for this drink at the end of the queue.
    pub fn wait(&self, drink: Option<&str>) -> Option<WaitRange> {
        let own = self.pace.prep_time(drink)?;
        let minutes = |millis: i64| u32::try_from(millis / MINUTE_MILLIS).unwrap_or(u32::MAX);
        let from = minutes(self.work.median / self.baristas + own.median).max(MIN_MINUTES);
        let to = minutes(self.work.slow / self.baristas + own.slow + MINUTE_MILLIS - 1);
        Some(WaitRange { from, to: to.max(from.saturating_add(1)) })
    }

    /// Adds an order: the rest of its preparation time if it has been claimed, all of it otherwise.
    pub fn join(&mut self, drink: Option<&str>, claimed_at: Option<Timestamp>) {
        let Some(own) = self.pace.prep_time(drink) else { return };
        let done = claimed_at.map_or(0, |at| self.now.millis_since(at).max(0));
        self.work.median = self.work.median.saturating_add((own.median - done).max(0));
        self.work.slow = self.work.slow.saturating_add((own.slow - done).max(0));
    }
}
