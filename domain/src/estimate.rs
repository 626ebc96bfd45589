//! How long an order will probably take, told from how long the last drinks of this bar took.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How many drinks of a kind are remembered.
const WINDOW: usize = 20;
/// From fewer drinks nothing is told.
const MIN_SAMPLES: usize = 3;
/// A claim and a "made" that come closer than this are one tap after the fact, not the time that a drink takes.
const SHORTEST_MILLIS: i64 = 10_000;
/// A drink that took longer was forgotten, not made.
const LONGEST_MILLIS: i64 = 15 * 60_000;
/// Nobody is promised less, in minutes.
const MIN_MINUTES: u32 = 2;
const MINUTE_MILLIS: i64 = 60_000;

/// A wait, in whole minutes: never a point, because it never is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitRange {
    /// At the earliest.
    pub from: u32,
    /// At the latest, unless something happens; always more than `from`.
    pub to: u32,
}

/// A wait that turns out longer than it was said by no more than this is as good as it was said, in milliseconds.
const TOLERANCE_MILLIS: i64 = 2 * MINUTE_MILLIS;

/// Why an order takes longer than its guest was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Delay {
    /// More orders are before it than there were: one is made again.
    MoreBefore,
    /// Fewer baristas are at the bar.
    FewerBaristas,
    /// The bar is slower than it was.
    Slower,
}

/// What has been told of an order's wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// When the order would be ready at the latest.
    by: Timestamp,
    ahead: u32,
    baristas: usize,
}

impl Quote {
    /// A wait that is told `now`, with so many orders before this one and so many baristas at the bar.
    pub fn new(wait: WaitRange, ahead: u32, baristas: usize, now: Timestamp) -> Self {
        Self { by: now.plus_millis(i64::from(wait.to).saturating_mul(MINUTE_MILLIS)), ahead, baristas }
    }

    /// The earlier of two: what a guest holds the bar to.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        if other.by < self.by { other } else { self }
    }

    /// Why the order takes longer than this, by what is told now; `None` while it does not.
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

/// How long the last drinks took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pace {
    by_drink: BTreeMap<String, VecDeque<i64>>,
    all: VecDeque<i64>,
}

/// How long a drink takes, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PrepTime {
    /// Half of them take no longer.
    median: i64,
    /// Four of five take no longer.
    slow: i64,
}

impl Pace {
    /// Notes that a drink took so long from claimed to made.
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

    /// Whether there is enough to tell a wait from.
    pub fn has_enough(&self) -> bool {
        self.all.len() >= MIN_SAMPLES
    }

    /// How long this drink takes, or any drink where too few of this one have been made.
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

/// A walk along the queue, from the front: what each order adds is what those behind it wait for.
#[derive(Debug)]
pub struct QueueEstimate<'a> {
    pace: &'a Pace,
    baristas: i64,
    now: Timestamp,
    work: PrepTime,
}

impl<'a> QueueEstimate<'a> {
    /// An empty queue before so many baristas.
    pub fn new(pace: &'a Pace, baristas: usize, now: Timestamp) -> Self {
        let baristas = i64::try_from(baristas.max(1)).unwrap_or(i64::MAX);
        Self { pace, baristas, now, work: PrepTime { median: 0, slow: 0 } }
    }

    /// How long an order for this drink takes that comes after those that have joined.
    pub fn wait(&self, drink: Option<&str>) -> Option<WaitRange> {
        let own = self.pace.prep_time(drink)?;
        let minutes = |millis: i64| u32::try_from(millis / MINUTE_MILLIS).unwrap_or(u32::MAX);
        let from = minutes(self.work.median / self.baristas + own.median).max(MIN_MINUTES);
        let to = minutes(self.work.slow / self.baristas + own.slow + MINUTE_MILLIS - 1);
        Some(WaitRange { from, to: to.max(from.saturating_add(1)) })
    }

    /// The next order joins: what is left of it when it has been claimed, all of it otherwise.
    pub fn join(&mut self, drink: Option<&str>, claimed_at: Option<Timestamp>) {
        let Some(own) = self.pace.prep_time(drink) else { return };
        let done = claimed_at.map_or(0, |at| self.now.millis_since(at).max(0));
        self.work.median = self.work.median.saturating_add((own.median - done).max(0));
        self.work.slow = self.work.slow.saturating_add((own.slow - done).max(0));
    }
}
