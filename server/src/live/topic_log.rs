//! A topic as a numbered sequence of changes. Every change is encoded once, however many sockets read it.

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

use super::subscribers::Readers;
use crate::time;

/// How many changes are kept for readers that lag behind; whoever lags more gets a snapshot.
pub(crate) const RING: usize = 256;

/// One topic.
#[derive(Debug)]
pub(crate) struct TopicLog {
    topic: Topic,
    epoch: u64,
    /// What connections go by: it tells how long a change takes to its readers.
    line: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    /// The newest number, for readers to see at a glance whether there is anything for them.
    head: AtomicU64,
    readers: Readers,
}

#[derive(Debug)]
struct Inner {
    state: TopicState,
    seq: u64,
    /// The newest changes and when they came, the last of which is number `seq`.
    ring: VecDeque<(Timestamp, Utf8Bytes)>,
    /// The snapshot at `seq`, once somebody has asked for it.
    snapshot: Option<Utf8Bytes>,
}

/// What a reader gets to catch up: frames, and the position after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) frames: Vec<Utf8Bytes>,
    pub(crate) seq: u64,
    /// Whether the frames are all the changes that the reader has missed, and no snapshot in their place.
    pub(crate) whole: bool,
    /// When the first of the changes came.
    pub(crate) since: Option<Timestamp>,
}

impl TopicLog {
    /// A topic that has `state`, at a position at which it has never had another.
    pub(crate) fn new(topic: Topic, position: Resume, state: TopicState, line: Arc<dyn Clock>) -> Self {
        let Resume { epoch, seq } = position;
        let inner = Inner { state, seq, ring: VecDeque::new(), snapshot: None };
        Self { topic, epoch, line, inner: Mutex::new(inner), head: AtomicU64::new(seq), readers: Readers::default() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a change and wakes the readers.
    pub(crate) fn push(&self, change: Change) {
        let mut inner = self.lock();
        inner.state.apply(&change);
        inner.seq += 1;
        inner.snapshot = None;
        if inner.ring.len() == RING {
            inner.ring.pop_front();
        }
        let seq = inner.seq;
        let now = time::now(&*self.line);
        inner.ring.push_back((now, encode(&ServerFrame::Delta { topic: self.topic.clone(), seq, change })));
        // Before the lock is let go, so that it never goes back.
        self.head.store(seq, Ordering::Release);
        drop(inner);
        self.readers.wake();
    }

    /// Appends `change` unless the topic shows `state` already.
    pub(crate) fn show(&self, state: TopicState, change: impl FnOnce() -> Change) {
        if self.lock().state != state {
            self.push(change());
        }
    }

    /// What the topic shows now, and its position.
    pub(crate) fn now(&self) -> (TopicState, Resume) {
        let inner = self.lock();
        (inner.state.clone(), Resume { epoch: self.epoch, seq: inner.seq })
    }

    /// The number of the newest change.
    pub(crate) fn seq(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// Those who are woken by a change.
    pub(super) const fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Wakes the readers behind the first few hundred after every change; it never ends.
    pub(crate) async fn wake_the_crowd(&self) {
        self.readers.wake_the_crowd(&*self.line).await;
    }

    /// The first frames of a reader: nothing but a confirmation when it can go on where it was, else a snapshot.
    pub(crate) fn begin(&self, resume: Option<Resume>) -> Batch {
        let known = resume.filter(|resume| resume.epoch == self.epoch).map(|resume| resume.seq);
        match known.and_then(|seq| self.after(seq).map(|batch| (seq, batch))) {
            Some((seq, mut batch)) => {
                let (topic, epoch, head) = (self.topic.clone(), self.epoch, batch.seq);
                let resumed = ServerFrame::Resumed { topic, epoch, seq, head };
                batch.frames.insert(0, encode(&resumed));
                batch
            }
            None => self.snapshot(),
        }
    }

    /// What comes after `seq`: the changes, or a snapshot when they are no longer all there.
    pub(crate) fn catch_up(&self, seq: u64) -> Batch {
        self.after(seq).unwrap_or_else(|| self.snapshot())
    }

    fn after(&self, seq: u64) -> Option<Batch> {
        let inner = self.lock();
        let missing = usize::try_from(inner.seq.checked_sub(seq)?).ok()?;
        let skip = inner.ring.len().checked_sub(missing)?;
        let missed = || inner.ring.iter().skip(skip);
        let since = missed().next().map(|(at, _)| *at);
        Some(Batch { frames: missed().map(|(_, frame)| frame.clone()).collect(), seq: inner.seq, whole: true, since })
    }

    fn snapshot(&self) -> Batch {
        let mut inner = self.lock();
        let (seq, epoch) = (inner.seq, self.epoch);
        let state = &inner.state;
        let frame = inner.snapshot.clone().unwrap_or_else(|| {
            encode(&ServerFrame::Snapshot { topic: self.topic.clone(), epoch, seq, state: state.clone() })
        });
        inner.snapshot = Some(frame.clone());
        Batch { frames: vec![frame], seq, whole: false, since: None }
    }
}

/// A frame as it goes over the wire.
pub(crate) fn encode(frame: &impl Serialize) -> Utf8Bytes {
    // Our frames are plain data; they cannot fail to encode.
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
        let line = Arc::new(ManualClock::starting_at(engine::clock::Timestamp(0)));
        TopicLog::new(Topic::Board, Resume { epoch: 7, seq: 0 }, TopicState::Board(vec![]), line)
    }

    fn kinds(batch: &Batch) -> Vec<String> {
        batch
            .frames
            .iter()
            .map(|frame| serde_json::from_str::<serde_json::Value>(frame).unwrap()["frame"].to_string())
            .collect()
    }

    #[test]
    fn a_reader_gets_exactly_what_it_has_missed() {
        let log = board();
        (1..=5).for_each(|number| log.push(put(number)));
        let batch = log.begin(Some(Resume { epoch: 7, seq: 3 }));
        assert_eq!((kinds(&batch), batch.seq), (vec!["\"resumed\"".into(), "\"delta\"".into(), "\"delta\"".into()], 5));
        assert_eq!(log.catch_up(5).frames, Vec::<Utf8Bytes>::new());
    }

    #[test]
    fn whoever_lags_too_far_or_comes_from_another_life_gets_a_snapshot() {
        let log = board();
        (1..=300).for_each(|number| log.push(put(number)));
        for resume in [
            None,
            Some(Resume { epoch: 6, seq: 299 }),
            Some(Resume { epoch: 7, seq: 43 }),
            Some(Resume { epoch: 7, seq: 301 }),
        ] {
            assert_eq!(kinds(&log.begin(resume)), ["\"snapshot\""], "{resume:?}");
        }
        assert_eq!(log.begin(Some(Resume { epoch: 7, seq: 44 })).frames.len(), 257);
    }
}
