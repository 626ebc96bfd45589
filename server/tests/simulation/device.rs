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

/// The state of a topic on the screen.
struct Shown {
    state: TopicState,
    /// Whether the shown state was found in the server's history.
    is_found: bool,
    /// The position at which a shown state was last found.
    found_at: Option<Resume>,
    /// When the server's state at `found_at` became true, in milliseconds.
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
    /// The index of its connection.
    pub(super) connection: Option<usize>,
    /// Whether its network holds packets back.
    pub(super) is_offline: bool,
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
    pub(super) bye_at: i64,
    /// When the last frame arrived.
    last_frame_at: i64,
    /// The last frame confirms all changes before this time.
    confirmed_until: i64,
}

impl Device {
    pub(super) fn new(topics: Vec<Topic>, now: i64) -> Self {
        Self {
            topics,
            client: LiveClient::new(now),
            screen: BTreeMap::new(),
            connection: None,
            is_offline: false,
            slow_until: 0,
            asleep_until: 0,
            woke_at: 0,
            timer: 0,
            page: 0,
            bye_at: 0,
            last_frame_at: now,
            confirmed_until: now,
        }
    }

    /// Whether it processes incoming data.
    pub(super) const fn reads(&self, now: i64) -> bool {
        self.slow_until <= now && self.asleep_until <= now
    }

    /// A new page was loaded, with the state that the server has rendered.
    pub(super) fn load(&mut self, snapshots: &[Snapshot], now: i64) {
        self.client = LiveClient::new(now);
        let snapshots = snapshots.iter().cloned();
        self.screen = snapshots.map(|snapshot| (snapshot.topic, Shown::new(snapshot.state))).collect();
        (self.last_frame_at, self.confirmed_until) = (now, now);
    }

    /// A frame has arrived. It confirms all changes before `confirmed_until`.
    pub(super) fn receive(&mut self, confirmed_until: i64, now: i64) {
        (self.last_frame_at, self.confirmed_until) = (now, confirmed_until);
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
        let Some((shown, position)) = shown.zip(position) else { return Err(format!("it does not show {topic}")) };
        if shown.is_found && shown.found_at == Some(position) {
            return Ok(());
        }
        let since = history.since(topic, position, &shown.state)?;
        // It may have become true earlier than the previous state, but must not have ended before that began.
        if history
            .replaced_at(topic, position)
            .is_some_and(|replaced_at| replaced_at < shown.since || (replaced_at == shown.since && since < replaced_at))
        {
            let (from, then) = (shown.found_at, shown.since);
            return Err(format!("it went back from {from:?} ({then}) to {position:?} ({since}) of {topic}"));
        }
        (shown.is_found, shown.found_at, shown.since) = (true, Some(position), since);
        Ok(())
    }

    /// The invariants of a device that is awake.
    pub(super) fn check(&mut self, history: &History, now: i64) -> Result<(), String> {
        if self.client.status() != ConnectionStatus::Live {
            return Ok(());
        }
        if now - self.woke_at.max(self.last_frame_at + SILENCE_MILLIS) > TICK_MILLIS {
            return Err(format!("it is live without a frame for {} ms", now - self.last_frame_at));
        }
        for at in 0..self.topics.len() {
            let topic = self.topics[at].clone();
            self.find(&topic, history).map_err(|error| format!("it is live, but {error}"))?;
            let replaced_at = self.position(&topic).and_then(|position| history.replaced_at(&topic, position));
            if let Some(replaced_at) = replaced_at.filter(|replaced_at| *replaced_at < self.confirmed_until) {
                let age = self.confirmed_until - replaced_at;
                return Err(format!("it is live, but {age} ms before its last frame a change of {topic} was not sent"));
            }
        }
        Ok(())
    }
}
