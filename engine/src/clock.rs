//! Time and randomness, injected. The rest of the workspace may not ask the operating system (`clippy.toml`).

use std::{
    fmt,
    future::Future,
    ops::Add,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use jiff::{
    SignedDuration,
    civil::{DateTime, date},
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch with the milliseconds as fraction, as AWS's JSON protocols write times.
    pub fn epoch_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// `2026-11-20T10:42:07.123Z`, as in the context object and `$$.State.EnteredTime`.
    pub fn rfc3339_millis(self) -> String {
        format!("{:.3}Z", self.civil())
    }

    /// `2026-11-20T10:42:07Z`, as in the `time` of an event.
    pub fn rfc3339_seconds(self) -> String {
        format!("{:.0}Z", self.civil())
    }

    /// Date and time in UTC, limited to the years -9999 to 9999.
    fn civil(self) -> DateTime {
        const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);
        EPOCH.saturating_add(SignedDuration::from_millis(self.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339_millis())
    }
}

/// A boxed future, for object-safe traits.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A source of time.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// The current time.
    fn now(&self) -> Timestamp;
    /// Resolves at `deadline`, or at once if that has passed. May resolve early if the time is set back meanwhile: a
    /// caller that must not be early checks the time again.
    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()>;
}

/// The system clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this module owns the clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    /// Reads the system time again every `MAX_SLEEP_MILLIS`, because it may be set forward meanwhile: a machine
    /// without a battery-backed clock boots with an old time. If the time is set back, this resolves after the duration
    /// that was left at first, so that no loop stands still.
    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(sleep_until(deadline, || Self.now()))
    }
}

/// The longest sleep of [`SystemClock`] before it reads the system time again.
const MAX_SLEEP_MILLIS: u64 = 5_000;

#[expect(clippy::disallowed_methods, reason = "this module owns the clock")]
async fn sleep_until(deadline: Timestamp, now: impl Fn() -> Timestamp) {
    let left = || u64::try_from(deadline.0.saturating_sub(now().0)).unwrap_or(0);
    let mut at_most = left();
    loop {
        let sleep = left().min(at_most).min(MAX_SLEEP_MILLIS);
        if sleep == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(sleep)).await;
        at_most -= sleep;
    }
}

/// A clock for durations. It starts at the system time and then follows a monotonic source, so setting the system time
/// does not change how long anything takes.
#[derive(Debug, Clone, Copy)]
pub struct MonotonicClock {
    began: Timestamp,
    since: Instant,
}

impl MonotonicClock {
    /// Starts the clock at the current system time.
    #[expect(clippy::disallowed_methods, reason = "this module owns the clock")]
    pub fn start() -> Self {
        Self { began: SystemClock.now(), since: Instant::now() }
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> Timestamp {
        self.began + self.since.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this module owns the clock")]
    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()> {
        let left = u64::try_from(deadline.0.saturating_sub(self.now().0)).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(left)))
    }
}

/// A clock that stands still until a test advances it.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: Arc<watch::Sender<Timestamp>>,
}

impl ManualClock {
    /// A clock that shows `start`.
    pub fn starting_at(start: Timestamp) -> Self {
        Self { now: Arc::new(watch::Sender::new(start)) }
    }

    /// Sets the time, also to an earlier one.
    pub fn set(&self, now: Timestamp) {
        self.now.send_replace(now);
    }

    /// Advances the time and wakes every sleeper whose deadline has come.
    pub fn advance(&self, span: Duration) {
        self.now.send_modify(|now| *now = *now + span);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()> {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            // The sender is dropped with the clock; then the time never comes.
            if now.wait_for(|now| *now >= deadline).await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// A source of random bytes.
pub trait Rng: Send + Sync + fmt::Debug + 'static {
    /// Fills `bytes` with random bytes. Task tokens need unguessable ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    #[expect(clippy::disallowed_methods, reason = "this module owns the random source")]
    #[expect(clippy::expect_used, reason = "tokens without randomness would be guessable, so the process has to stop")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system returned no random bytes");
    }
}

/// A repeatable source for tests and simulations (SplitMix64). Not for production.
#[derive(Debug)]
pub struct SeededRng(Mutex<u64>);

impl SeededRng {
    /// The same seed gives the same sequence of bytes.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let word = (z ^ (z >> 31)).to_le_bytes();
            for (to, from) in chunk.iter_mut().zip(word) {
                *to = from;
            }
        }
    }
}

/// A random version 4 UUID, hyphenated and in lower case.
pub fn uuid(rng: &dyn Rng) -> String {
    let mut bytes = [0u8; 16];
    rng.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_written_as_aws_writes_them() {
        let leap_day = Timestamp(1_709_210_096_789);
        assert_eq!(leap_day.rfc3339_millis(), "2024-02-29T12:34:56.789Z");
        assert_eq!(leap_day.rfc3339_seconds(), "2024-02-29T12:34:56Z");
        assert_eq!(Timestamp(-1).rfc3339_millis(), "1969-12-31T23:59:59.999Z");
    }

    #[tokio::test]
    async fn the_manual_clock_wakes_only_due_sleepers() {
        let clock = ManualClock::starting_at(Timestamp(0));
        let mut early = clock.sleep_until(Timestamp(1_000));
        let mut late = clock.sleep_until(Timestamp(2_000));
        clock.advance(Duration::from_millis(1_500));
        (&mut early).await;
        assert!(futures_util::FutureExt::now_or_never(&mut late).is_none());
    }

    /// How long a sleeper until `deadline` sleeps, in milliseconds, if the system time is `first` at the first two
    /// reads and `later` from then on.
    #[expect(clippy::disallowed_methods, reason = "the test measures paused time")]
    async fn sleep_millis(deadline: i64, first: i64, later: i64) -> u128 {
        let reads = Mutex::new(vec![Timestamp(first), Timestamp(first)]);
        let began = tokio::time::Instant::now();
        sleep_until(Timestamp(deadline), || reads.lock().unwrap().pop().unwrap_or(Timestamp(later))).await;
        began.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleeper_follows_the_time_forward_and_keeps_its_duration_when_it_is_set_back() {
        assert_eq!(sleep_millis(3_600_000, 0, 3_600_000).await, u128::from(MAX_SLEEP_MILLIS));
        assert_eq!(sleep_millis(3_600_000, 3_590_000, 0).await, 10_000);
    }

    #[test]
    fn the_same_seed_gives_the_same_uuid() {
        assert_eq!(uuid(&SeededRng::new(7)), uuid(&SeededRng::new(7)));
        assert_ne!(uuid(&SeededRng::new(7)), uuid(&SeededRng::new(8)));
    }
}
