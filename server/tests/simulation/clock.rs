//! The clock of a simulation.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use engine::clock::{BoxFuture, Clock, Timestamp};
use tokio::sync::oneshot;

/// 2026-11-20T10:00:00Z.
pub(super) const MORNING: i64 = 1_795_168_800_000;

/// A clock that wakes its sleepers in the order of their deadlines; those with the same deadline in the order in which
/// they started to sleep.
#[derive(Debug, Clone)]
pub(super) struct SimulatedClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    now: i64,
    sleepers: BTreeMap<(i64, u64), oneshot::Sender<()>>,
    sleep_count: u64,
}

impl SimulatedClock {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { now: MORNING, sleepers: BTreeMap::new(), sleep_count: 0 })))
    }

    pub(super) fn millis(&self) -> i64 {
        self.0.lock().unwrap().now
    }

    /// When the next sleeper wakes up.
    pub(super) fn next(&self) -> Option<i64> {
        let mut state = self.0.lock().unwrap();
        // Sleepers that were dropped wake nobody.
        while state.sleepers.first_entry().is_some_and(|first| first.get().is_closed()) {
            state.sleepers.pop_first();
        }
        state.sleepers.first_key_value().map(|((at, _), _)| *at)
    }

    /// Sets the clock to `now`, and wakes the sleepers whose deadline has passed.
    pub(super) fn advance_to(&self, now: i64) {
        let mut state = self.0.lock().unwrap();
        state.now = state.now.max(now);
        let now = state.now;
        while let Some(sleeper) = state.sleepers.first_entry().filter(|sleeper| sleeper.key().0 <= now) {
            sleeper.remove().send(()).ok();
        }
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.millis())
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()> {
        let mut state = self.0.lock().unwrap();
        if deadline.0 <= state.now {
            return Box::pin(std::future::ready(()));
        }
        let (wake, woken) = oneshot::channel();
        state.sleep_count += 1;
        let key = (deadline.0, state.sleep_count);
        state.sleepers.insert(key, wake);
        Box::pin(async move {
            if woken.await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
