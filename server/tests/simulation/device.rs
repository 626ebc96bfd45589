//! A phone, tablet or display: the state machine of the pages, and what it shows.

use std::collections::BTreeMap;

use app::{
    live::{ConnectionStatus, client::LiveClient},
    loaders::Snapshot,
};
use domain::live::{Resume, Topic, TopicState};

use super::history::History;

/// After so long without a frame, the status must say that the page is not live.
const SILENCE_MILLIS: i64 = 15_000;
/// The next tick comes within this time, also on a device that has just woken up.
const TICK_MILLIS: i64 = 1_000;

/// What is shown of a topic.
struct Shown {
    state: TopicState,
    /// When the shown state was found in the server's history.
    is_found: bool,
    /// The last shown position, and since when the server had it.
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
    pub(super) client: LiveClient,
    screen: BTreeMap<Topic, Shown>,
    /// Its connection, as an index into all connections.
    pub(super) line: Option<usize>,
    /// Whether its network holds packets back.
    pub(super) dark: bool,
    /// It reads nothing until then.
    pub(super) slow_until: i64,
    /// It is asleep until then.
    pub(super) asleep_until: i64,
    /// When it woke up.
    pub(super) woke_at: i64,
    /// Counts timers: a new one replaces the previous one.
    pub(super) timer: u64,
    /// Counts page loads: responses for a previous page are ignored.
    pub(super) page: u64,
    /// When the server last asked it to reconnect later.
    pub(super) sent_away_at: i64,
    /// When the last frame arrived, and up to when it confirms all changes.
    heard_at: i64,
    told_until: i64,
}

impl Device {
    pub(super) fn new(topics: Vec<Topic>, now: i64) -> Self {
        Self {
            topics,
            client: LiveClient::new(now),
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

    /// Whether it processes incoming data.
    pub(super) const fn reads(&self, now: i64) -> bool {
        self.slow_until <= now && self.asleep_until <= now
    }

    /// A new page was loaded, with the state that the server has rendered.
    pub(super) fn load(&mut self, snapshots: &[Snapshot], now: i64) {
        self.client = LiveClient::new(now);
        let drawn = snapshots.iter().cloned();
        self.screen = drawn.map(|snapshot| (snapshot.topic, Shown::new(snapshot.state))).collect();
        (self.heard_at, self.told_until) = (now, now);
    }

    /// A frame has arrived. All changes before `true_at` have arrived before it.
    pub(super) fn receive(&mut self, true_at: i64, now: i64) {
        (self.heard_at, self.told_until) = (now, true_at);
    }

    pub(super) fn position(&self, topic: &Topic) -> Option<Resume> {
        Some(self.client.replica(topic)?.position())
    }

    /// What is shown.
    pub(super) fn shown(&self, topic: &Topic) -> Option<&TopicState> {
        Some(&self.screen.get(topic)?.state)
    }

    /// Checks a shown state: the server must have had it at this position, and it must not be older than what was shown
    /// before.
    pub(super) fn show(&mut self, topic: Topic, state: TopicState, history: &History) -> Result<(), String> {
        match self.screen.get_mut(&topic) {
            Some(shown) => (shown.state, shown.is_found) = (state, false),
            None => _ = self.screen.insert(topic.clone(), Shown::new(state)),
        }
        self.find(&topic, history)
    }

    fn find(&mut self, topic: &Topic, history: &History) -> Result<(), String> {
        let (position, shown) = (self.position(topic), self.screen.get_mut(topic));
        let Some((shown, position)) = shown.zip(position) else { return Err(format!("it shows nothing of {topic}")) };
        if shown.is_found && shown.found_at == Some(position) {
            return Ok(());
        }
        let since = history.since(topic, position, &shown.state)?;
        // It may have become true earlier than the previous state, but must not have ended before that began.
        if history.over(topic, position).is_some_and(|over| over < shown.since || (over == shown.since && since < over))
        {
            let (from, then) = (shown.found_at, shown.since);
            return Err(format!("it has gone back from {from:?} ({then}) to {position:?} ({since}) of {topic}"));
        }
        (shown.is_found, shown.found_at, shown.since) = (true, Some(position), since);
        Ok(())
    }

    /// The invariants of a device that is awake.
    pub(super) fn check(&mut self, history: &History, now: i64) -> Result<(), String> {
        if self.client.status() != ConnectionStatus::Live {
            return Ok(());
        }
        if now - self.woke_at.max(self.heard_at + SILENCE_MILLIS) > TICK_MILLIS {
            return Err(format!("it is live, and has heard nothing for {} ms", now - self.heard_at));
        }
        for at in 0..self.topics.len() {
            let topic = self.topics[at].clone();
            self.find(&topic, history).map_err(|error| format!("it is live, but {error}"))?;
            let over = self.position(&topic).and_then(|position| history.over(&topic, position));
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
