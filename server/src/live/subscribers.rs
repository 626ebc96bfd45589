//! The subscribers of a topic, and how they are notified.

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

/// How many subscribers are notified at once. Later ones follow in slices, so that a change that concerns three screens
/// need not wait until the queue topic has been sent to 10,000 others.
const SLICE_SIZE: usize = 256;
/// The pause between two slices: about the time that a small machine needs to send a change to one slice.
const PAUSE: Duration = Duration::from_millis(3);

/// Wakes a connection. All its topics share one.
pub(super) type Notifier = Arc<Notify>;

/// The subscribers of a topic.
#[derive(Debug, Default)]
pub(super) struct Subscribers {
    notifiers: Mutex<Slab<Notifier>>,
    /// Where the second slice begins.
    second_slice: AtomicUsize,
    /// Wakes [`Subscribers::broadcast_loop`].
    later_slices: Notify,
}

impl Subscribers {
    fn lock(&self) -> MutexGuard<'_, Slab<Notifier>> {
        self.notifiers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a subscriber. The returned key is for [`Subscribers::unsubscribe`].
    pub(super) fn subscribe(&self, notifier: Notifier) -> usize {
        self.lock().insert(notifier)
    }

    /// Removes a subscriber.
    pub(super) fn unsubscribe(&self, key: usize) {
        self.lock().try_remove(key);
    }

    /// Notifies the first slice now, and leaves the others to [`Subscribers::broadcast_loop`].
    pub(super) fn notify(&self) {
        if let Some(second_slice) = self.notify_slice(0) {
            self.second_slice.store(second_slice, Ordering::Relaxed);
            self.later_slices.notify_one();
        }
    }

    /// Notifies a slice. Returns where the next one begins.
    fn notify_slice(&self, from: usize) -> Option<usize> {
        let notifiers = self.lock();
        let mut notified = 0;
        for key in from..notifiers.capacity() {
            if let Some(notifier) = notifiers.get(key) {
                notifier.notify_one();
                notified += 1;
            }
            if notified == SLICE_SIZE {
                return Some(key + 1);
            }
        }
        None
    }

    /// Notifies the later slices after every change. Never returns.
    pub(super) async fn broadcast_loop(&self, clock: &dyn Clock) {
        loop {
            self.later_slices.notified().await;
            let mut next = Some(self.second_slice.load(Ordering::Relaxed));
            while let Some(from) = next {
                next = self.notify_slice(from);
                time::sleep(clock, PAUSE).await;
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

    fn notified(notifiers: &[Notifier]) -> usize {
        notifiers.iter().filter(|notifier| notifier.notified().now_or_never().is_some()).count()
    }

    #[tokio::test]
    async fn subscribers_are_notified_slice_by_slice() {
        let (subscribers, clock) = (Subscribers::default(), ManualClock::starting_at(Timestamp(0)));
        let notifiers: Vec<Notifier> = (0..SLICE_SIZE * 3).map(|_| Notifier::default()).collect();
        let keys: Vec<usize> = notifiers.iter().map(|notifier| subscribers.subscribe(Arc::clone(notifier))).collect();
        assert_eq!(keys.len(), SLICE_SIZE * 3);
        let mut broadcast = pin!(subscribers.broadcast_loop(&clock));
        subscribers.notify();
        assert_eq!(notified(&notifiers), SLICE_SIZE, "the first slice at once");
        for slice in 1..3 {
            assert!((&mut broadcast).now_or_never().is_none());
            assert_eq!(notified(&notifiers), SLICE_SIZE, "slice {slice}");
            assert!((&mut broadcast).now_or_never().is_none());
            assert_eq!(notified(&notifiers), 0, "no slice before its time");
            clock.advance(PAUSE);
        }
    }

    #[test]
    fn an_unsubscribed_connection_is_not_notified_and_its_key_is_used_again() {
        let subscribers = Subscribers::default();
        let (gone, here) = (Notifier::default(), Notifier::default());
        let key = subscribers.subscribe(Arc::clone(&gone));
        subscribers.unsubscribe(key);
        assert_eq!(subscribers.subscribe(Arc::clone(&here)), key);
        subscribers.notify();
        assert_eq!((notified(&[gone]), notified(&[here])), (0, 1));
    }
}
