//! A topic as a numbered sequence of changes. Every change is encoded once for all connections.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::extract::ws::Utf8Bytes;
use domain::{
    Timestamp,
    live::{Change, Resume, ServerFrame, Topic, TopicState},
};
use engine::clock::Clock;
use serde::Serialize;

use super::subscribers::Subscribers;
use crate::time;

/// How many changes are kept. A client that is further behind gets a snapshot.
pub(crate) const RETAINED_CHANGES: usize = 256;

#[derive(Debug)]
pub(crate) struct TopicLog {
    topic: Topic,
    epoch: u64,
    /// The clock of connections, for measuring how long a change takes to its subscribers.
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    /// The number of the newest change, readable without the lock.
    head: AtomicU64,
    subscribers: Subscribers,
}

#[derive(Debug)]
struct Inner {
    state: TopicState,
    seq: u64,
    /// The newest changes with their times. The last one has the number `seq`.
    changes: VecDeque<(Timestamp, Utf8Bytes)>,
    /// The encoded snapshot at `seq`, once it was needed.
    snapshot: Option<Utf8Bytes>,
}

/// The frames that bring a client up to date, and the position after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) frames: Vec<Utf8Bytes>,
    pub(crate) seq: u64,
    /// Whether the frames are the missing changes, and not a snapshot.
    pub(crate) is_complete: bool,
    /// The time of the first change.
    pub(crate) since: Option<Timestamp>,
}

impl TopicLog {
    /// Creates a topic with the given state and position.
    pub(crate) fn new(topic: Topic, position: Resume, state: TopicState, clock: Arc<dyn Clock>) -> Self {
        let Resume { epoch, seq } = position;
        let inner = Inner { state, seq, changes: VecDeque::new(), snapshot: None };
        Self {
            topic,
            epoch,
            clock,
            inner: Mutex::new(inner),
            head: AtomicU64::new(seq),
            subscribers: Subscribers::default(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a change and notifies the subscribers.
    pub(crate) fn push(&self, change: Change) {
        let mut inner = self.lock();
        inner.state.apply(&change);
        inner.seq += 1;
        inner.snapshot = None;
        if inner.changes.len() == RETAINED_CHANGES {
            inner.changes.pop_front();
        }
        let seq = inner.seq;
        let now = time::now(&*self.clock);
        inner.changes.push_back((now, encode(&ServerFrame::Delta { topic: self.topic.clone(), seq, change })));
        // Stored before the lock is released, so that it never decreases.
        self.head.store(seq, Ordering::Release);
        drop(inner);
        self.subscribers.notify();
    }

    /// Appends `change` unless the topic has this state already.
    pub(crate) fn push_if_changed(&self, state: TopicState, change: impl FnOnce() -> Change) {
        if self.lock().state != state {
            self.push(change());
        }
    }

    /// The current state and its position.
    pub(crate) fn current(&self) -> (TopicState, Resume) {
        let inner = self.lock();
        (inner.state.clone(), Resume { epoch: self.epoch, seq: inner.seq })
    }

    /// The number of the newest change.
    pub(crate) fn seq(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    pub(super) const fn subscribers(&self) -> &Subscribers {
        &self.subscribers
    }

    /// Notifies the subscribers behind the first slice after every change. Never returns.
    pub(crate) async fn broadcast_loop(&self) {
        self.subscribers.broadcast_loop(&*self.clock).await;
    }

    /// The first frames of a subscription: `resumed` and the missing changes if possible, otherwise a snapshot.
    pub(crate) fn first_frames(&self, resume: Option<Resume>) -> Batch {
        let known = resume.filter(|resume| resume.epoch == self.epoch).map(|resume| resume.seq);
        match known.and_then(|seq| self.changes_after(seq).map(|batch| (seq, batch))) {
            Some((seq, mut batch)) => {
                let (topic, epoch, head) = (self.topic.clone(), self.epoch, batch.seq);
                let resumed = ServerFrame::Resumed { topic, epoch, seq, head };
                batch.frames.insert(0, encode(&resumed));
                batch
            }
            None => self.snapshot(),
        }
    }

    /// The changes after `seq`, or a snapshot when they are not all kept.
    pub(crate) fn catch_up(&self, seq: u64) -> Batch {
        self.changes_after(seq).unwrap_or_else(|| self.snapshot())
    }

    fn changes_after(&self, seq: u64) -> Option<Batch> {
        let inner = self.lock();
        let missing = usize::try_from(inner.seq.checked_sub(seq)?).ok()?;
        let skip = inner.changes.len().checked_sub(missing)?;
        let missed = || inner.changes.iter().skip(skip);
        let since = missed().next().map(|(at, _)| *at);
        Some(Batch {
            frames: missed().map(|(_, frame)| frame.clone()).collect(),
            seq: inner.seq,
            is_complete: true,
            since,
        })
    }

    fn snapshot(&self) -> Batch {
        let mut inner = self.lock();
        let (seq, epoch) = (inner.seq, self.epoch);
        let state = &inner.state;
        let frame = inner.snapshot.clone().unwrap_or_else(|| {
            encode(&ServerFrame::Snapshot { topic: self.topic.clone(), epoch, seq, state: state.clone() })
        });
        inner.snapshot = Some(frame.clone());
        Batch { frames: vec![frame], seq, is_complete: false, since: None }
    }
}

/// Encodes a frame for the websocket.
pub(crate) fn encode(frame: &impl Serialize) -> Utf8Bytes {
    // Frames are plain data, so encoding cannot fail.
    serde_json::to_string(frame).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use domain::{
        OrderNumber, Timestamp,
        view::{BoardEntry, Column},
    };
    use engine::clock::ManualClock;

    use super::*;

    fn put(number: u32) -> Change {
        Change::BoardPut(BoardEntry { number: OrderNumber(number), column: Column::Preparing, since: Timestamp(0) })
    }

    fn board() -> TopicLog {
        let clock = Arc::new(ManualClock::starting_at(engine::clock::Timestamp(0)));
        TopicLog::new(Topic::Board, Resume { epoch: 7, seq: 0 }, TopicState::Board(vec![]), clock)
    }

    fn kinds(batch: &Batch) -> Vec<String> {
        batch
            .frames
            .iter()
            .map(|frame| serde_json::from_str::<serde_json::Value>(frame).unwrap()["frame"].to_string())
            .collect()
    }

    #[test]
    fn a_client_that_resumes_gets_the_missing_changes() {
        let log = board();
        (1..=5).for_each(|number| log.push(put(number)));
        let batch = log.first_frames(Some(Resume { epoch: 7, seq: 3 }));
        assert_eq!((kinds(&batch), batch.seq), (vec!["\"resumed\"".into(), "\"delta\"".into(), "\"delta\"".into()], 5));
        assert_eq!(log.catch_up(5).frames, Vec::<Utf8Bytes>::new());
    }

    #[test]
    fn a_client_that_is_too_far_behind_or_from_another_epoch_gets_a_snapshot() {
        let log = board();
        (1..=300).for_each(|number| log.push(put(number)));
        for resume in [
            None,
            Some(Resume { epoch: 6, seq: 299 }),
            Some(Resume { epoch: 7, seq: 43 }),
            Some(Resume { epoch: 7, seq: 301 }),
        ] {
            assert_eq!(kinds(&log.first_frames(resume)), ["\"snapshot\""], "{resume:?}");
        }
        assert_eq!(log.first_frames(Some(Resume { epoch: 7, seq: 44 })).frames.len(), 257);
    }
}
