//! A phone, a tablet or a wall: the real state machine of the pages, and what its screen shows.

use std::collections::BTreeMap;

use app::{
    live::{Line, session::Session},
    reads::Snapshot,
};
use domain::live::{Resume, Topic, TopicState};

use super::history::Truth;

/// So long without a word, and the screen must say so.
const SILENCE_MILLIS: i64 = 15_000;
/// Within that the next tick comes, also on a device that has just woken.
const TICK_MILLIS: i64 = 1_000;

/// What a screen shows of a topic.
struct Shown {
    state: TopicState,
    /// It was found to be what the server had at `found_at`.
    is_found: bool,
    /// The last position that was shown, and since when the server was there.
    found_at: Option<Resume>,
    since: i64,
}

impl Shown {
    const fn new(state: TopicState) -> Self {
        Self { state, is_found: false, found_at: None, since: 0 }
    }
}

pub(super) struct Device {
    pub(super) topics: Vec<Topic>,
    pub(super) session: Session,
    screen: BTreeMap<Topic, Shown>,
    /// The connection that it has, by its place among all.
    pub(super) line: Option<usize>,
    /// Whether packets are held.
    pub(super) dark: bool,
    /// It reads nothing until then.
    pub(super) slow_until: i64,
    /// It does nothing at all until then, and nobody looks at it.
    pub(super) asleep_until: i64,
    /// When it woke.
    pub(super) woke_at: i64,
    /// Counts timers, because a new one takes the place of the one before.
    pub(super) timer: u64,
    /// Counts pages: what was under way for the one before concerns nobody.
    pub(super) page: u64,
    /// When the server last asked it to come back later.
    pub(super) sent_away_at: i64,
    /// When the last frame came, and as of when it has said all that was new.
    heard_at: i64,
    told_until: i64,
}

impl Device {
    pub(super) fn new(topics: Vec<Topic>, now: i64) -> Self {
        Self {
            topics,
            session: Session::new(now),
            screen: BTreeMap::new(),
            line: None,
            dark: false,
            slow_until: 0,
            asleep_until: 0,
            woke_at: 0,
            timer: 0,
            page: 0,
            sent_away_at: 0,
            heard_at: now,
            told_until: now,
        }
    }

    /// Whether it takes what comes.
    pub(super) const fn reads(&self, now: i64) -> bool {
        self.slow_until <= now && self.asleep_until <= now
    }

    /// A new page has come, with what the server has drawn into it.
    pub(super) fn load(&mut self, snapshots: &[Snapshot], now: i64) {
        self.session = Session::new(now);
        let drawn = snapshots.iter().cloned();
        self.screen = drawn.map(|snapshot| (snapshot.topic, Shown::new(snapshot.state))).collect();
        (self.heard_at, self.told_until) = (now, now);
    }

    /// A frame has come; all that was new before `true_at` has come before it.
    pub(super) fn hear(&mut self, true_at: i64, now: i64) {
        (self.heard_at, self.told_until) = (now, true_at);
    }

    pub(super) fn position(&self, topic: &Topic) -> Option<Resume> {
        Some(self.session.replica(topic)?.position())
    }

    /// What the screen shows.
    pub(super) fn shown(&self, topic: &Topic) -> Option<&TopicState> {
        Some(&self.screen.get(topic)?.state)
    }

    /// The page shows something: live or not, the server has had it, and not before what was shown until now. Whoever
    /// is never shown the same twice is never told the same twice.
    pub(super) fn show(&mut self, topic: Topic, state: TopicState, truth: &Truth) -> Result<(), String> {
        match self.screen.get_mut(&topic) {
            Some(shown) => (shown.state, shown.is_found) = (state, false),
            None => _ = self.screen.insert(topic.clone(), Shown::new(state)),
        }
        self.find(&topic, truth)
    }

    fn find(&mut self, topic: &Topic, truth: &Truth) -> Result<(), String> {
        let (position, shown) = (self.position(topic), self.screen.get_mut(topic));
        let Some((shown, position)) = shown.zip(position) else { return Err(format!("it shows nothing of {topic}")) };
        if shown.is_found && shown.found_at == Some(position) {
            return Ok(());
        }
        let since = truth.since(topic, position, &shown.state)?;
        // It may have been true for longer than what was shown, but it was not over before that began.
        if truth.over(topic, position).is_some_and(|over| over < shown.since || (over == shown.since && since < over)) {
            let (from, then) = (shown.found_at, shown.since);
            return Err(format!("it has gone back from {from:?} ({then}) to {position:?} ({since}) of {topic}"));
        }
        (shown.is_found, shown.found_at, shown.since) = (true, Some(position), since);
        Ok(())
    }

    /// What must hold at every moment at which somebody looks at the screen.
    pub(super) fn check(&mut self, truth: &Truth, now: i64) -> Result<(), String> {
        if self.session.line() != Line::Live {
            return Ok(());
        }
        if now - self.woke_at.max(self.heard_at + SILENCE_MILLIS) > TICK_MILLIS {
            return Err(format!("it is live, and has heard nothing for {} ms", now - self.heard_at));
        }
        for at in 0..self.topics.len() {
            let topic = self.topics[at].clone();
            self.find(&topic, truth).map_err(|error| format!("it is live, but {error}"))?;
            let over = self.position(&topic).and_then(|position| truth.over(&topic, position));
            if let Some(over) = over.filter(|over| *over < self.told_until) {
                let late = self.told_until - over;
                return Err(format!(
                    "it is live, but {late} ms before its last frame a change of {topic} was not sent"
                ));
            }
        }
        Ok(())
    }
}
