//! Who reads a topic, and how they are woken.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use engine::clock::Clock;
use slab::Slab;
use tokio::sync::Notify;

use crate::time;

/// So many readers are woken at once. Those of a crowd follow in slices, so that a tap which concerns three screens does
/// not wait until ten thousand others have been sent what it did to the queue.
const SLICE: usize = 256;
/// Between two slices; about as long as it takes to send a change to one on a small machine.
const PAUSE: Duration = Duration::from_millis(3);

/// What wakes a connection. All its topics ring the same one.
pub(super) type Bell = Arc<Notify>;

/// The readers of a topic.
#[derive(Debug, Default)]
pub(super) struct Readers {
    bells: Mutex<Slab<Bell>>,
    /// Where the crowd begins, behind those who were woken at once.
    behind: AtomicUsize,
    /// Wakes [`Readers::wake_the_crowd`].
    crowd: Notify,
}

impl Readers {
    fn lock(&self) -> MutexGuard<'_, Slab<Bell>> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more reader; the number is for [`Readers::leave`].
    pub(super) fn join(&self, bell: Bell) -> usize {
        self.lock().insert(bell)
    }

    /// The reader has gone.
    pub(super) fn leave(&self, number: usize) {
        self.lock().try_remove(number);
    }

    /// Wakes the first readers now, and lets the crowd behind them be woken.
    pub(super) fn wake(&self) {
        if let Some(behind) = self.wake_slice(0) {
            self.behind.store(behind, Ordering::Relaxed);
            self.crowd.notify_one();
        }
    }

    /// Wakes a slice, and says where the next one begins.
    fn wake_slice(&self, from: usize) -> Option<usize> {
        let bells = self.lock();
        let mut woken = 0;
        for number in from..bells.capacity() {
            if let Some(bell) = bells.get(number) {
                bell.notify_one();
                woken += 1;
            }
            if woken == SLICE {
                return Some(number + 1);
            }
        }
        None
    }

    /// Wakes whoever is behind the first slice, whenever there is news. It never ends.
    pub(super) async fn wake_the_crowd(&self, line: &dyn Clock) {
        loop {
            self.crowd.notified().await;
            let mut next = Some(self.behind.load(Ordering::Relaxed));
            while let Some(from) = next {
                next = self.wake_slice(from);
                time::pass(line, PAUSE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use engine::clock::{ManualClock, Timestamp};
    use futures_util::FutureExt;

    use super::*;

    fn woken(bells: &[Bell]) -> usize {
        bells.iter().filter(|bell| bell.notified().now_or_never().is_some()).count()
    }

    #[tokio::test]
    async fn a_crowd_is_woken_slice_by_slice_until_nobody_is_left() {
        let (readers, clock) = (Readers::default(), ManualClock::starting_at(Timestamp(0)));
        let bells: Vec<Bell> = (0..SLICE * 3).map(|_| Bell::default()).collect();
        let numbers: Vec<usize> = bells.iter().map(|bell| readers.join(Arc::clone(bell))).collect();
        assert_eq!(numbers.len(), SLICE * 3);
        let mut crowd = pin!(readers.wake_the_crowd(&clock));
        readers.wake();
        assert_eq!(woken(&bells), SLICE, "the first at once");
        for slice in 1..3 {
            assert!((&mut crowd).now_or_never().is_none());
            assert_eq!(woken(&bells), SLICE, "slice {slice}");
            assert!((&mut crowd).now_or_never().is_none());
            assert_eq!(woken(&bells), 0, "nobody before their time");
            clock.advance(PAUSE);
        }
    }

    #[test]
    fn who_leaves_makes_room_and_is_not_woken() {
        let readers = Readers::default();
        let (gone, here) = (Bell::default(), Bell::default());
        let number = readers.join(Arc::clone(&gone));
        readers.leave(number);
        assert_eq!(readers.join(Arc::clone(&here)), number);
        readers.wake();
        assert_eq!((woken(&[gone]), woken(&[here])), (0, 1));
    }
}
