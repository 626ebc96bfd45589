//! The state machine of a page's live connection, without a browser.
//!
//! Events come in as calls, and what to do goes out as [`Action`]s. Times are milliseconds of a steady clock, random
//! numbers are from 0 to 1.
//!
//! A page is live when the present socket has answered for every topic that the page shows, and all changes since then
//! have come in sequence. At any other time the page shows another status.

mod action;
mod retry;
mod subscription;

use domain::live::{Change, ClientFrame, Replica, Resume, ServerFrame, Topic};

pub use self::action::Action;
use self::{
    retry::retry_after,
    subscription::{DeltaOutcome, Subscription, SubscriptionState},
};
use super::status::ConnectionStatus;
use crate::loaders::Snapshot;

/// After this long without a frame (three heartbeats) the connection is broken.
const SILENCE_MILLIS: i64 = 15_000;
/// A socket that does not answer a hello within this time is replaced.
const HELLO_TIMEOUT_MILLIS: i64 = 10_000;
/// On a working network a socket opens within this time.
const OPEN_MILLIS: i64 = 2_000;
/// After this long without a live connection the page begins to poll.
const POLL_AFTER_MILLIS: i64 = 2_000;
/// The interval of polls: every second tick, even if the tick before was late.
const POLL_MILLIS: i64 = 1_750;
/// After this long without a socket, polling keeps the page current and the status says so.
const POLLING_STATUS_MILLIS: i64 = 8_000;

/// The live connection of a page.
#[derive(Debug)]
pub struct LiveClient {
    subscriptions: Vec<Subscription>,
    /// Counts sockets, so that events of a retired one are ignored.
    generation: u32,
    socket: Socket,
    failures: u32,
    status: ConnectionStatus,
    /// When the page was last known to be current, by a socket or by a poll.
    current_at: i64,
    /// What is shown is at least as new as this.
    as_of: i64,
    /// When the page was last live, or was loaded.
    live_until: i64,
    /// When the topics were last polled.
    polled_at: i64,
    /// Whether the last poll was answered.
    poll_answered: bool,
    /// The epoch of the last snapshot.
    epoch: Option<u64>,
    /// When the present socket was opened, or when a hello was last sent.
    waiting_since: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    None,
    Opening,
    Open,
}

impl LiveClient {
    /// A connection that opens with the first subscription.
    #[must_use]
    pub const fn new(now: i64) -> Self {
        Self {
            subscriptions: Vec::new(),
            generation: 0,
            socket: Socket::None,
            failures: 0,
            status: ConnectionStatus::Connecting,
            current_at: now,
            as_of: now,
            live_until: now,
            polled_at: now,
            poll_answered: true,
            epoch: None,
            waiting_since: now,
        }
    }

    /// The topics that the page shows.
    #[must_use]
    pub fn topics(&self) -> Vec<Topic> {
        self.subscriptions.iter().map(|subscription| subscription.topic.clone()).collect()
    }

    /// What the page shows of a topic, with its position.
    #[must_use]
    pub fn replica(&self, topic: &Topic) -> Option<&Replica> {
        self.subscriptions.iter().find(|subscription| subscription.topic == *topic)?.replica.as_ref()
    }

    /// The status that the page shows.
    #[must_use]
    pub const fn status(&self) -> ConnectionStatus {
        self.status
    }

    /// The page begins to show a topic.
    pub fn subscribe(&mut self, id: u32, topic: Topic, start: Option<Snapshot>, now: i64) -> Vec<Action> {
        let replica = start.map(|snapshot| Replica::new(snapshot.state, snapshot.position));
        self.subscriptions.retain(|subscription| subscription.topic != topic);
        self.subscriptions.push(Subscription::new(id, topic, replica));
        match self.socket {
            Socket::None => self.open(now),
            Socket::Opening => Vec::new(),
            Socket::Open => {
                let mut actions = vec![self.hello(now)];
                actions.extend(self.update_status(now));
                actions
            }
        }
    }

    /// The page shows a topic no longer.
    pub fn unsubscribe(&mut self, id: u32) -> Vec<Action> {
        self.subscriptions.retain(|subscription| subscription.id != id);
        if self.subscriptions.is_empty() && self.socket != Socket::None {
            self.generation = self.generation.wrapping_add(1);
            self.socket = Socket::None;
            return vec![Action::Close];
        }
        Vec::new()
    }

    fn open(&mut self, now: i64) -> Vec<Action> {
        let status = self.disconnect(now);
        self.waiting_since = now;
        self.generation = self.generation.wrapping_add(1);
        self.socket = Socket::Opening;
        let mut actions = vec![Action::Open { generation: self.generation }];
        actions.extend(status);
        actions
    }

    fn disconnect(&mut self, now: i64) -> Option<Action> {
        self.socket = Socket::None;
        for subscription in &mut self.subscriptions {
            subscription.disconnected();
        }
        self.update_status(now)
    }

    /// Asks for all topics, each from its position. A hello replaces the subscriptions of the one before.
    fn hello(&mut self, now: i64) -> Action {
        self.waiting_since = now;
        let subscriptions = self.subscriptions.iter().map(Subscription::request);
        Action::Send(ClientFrame::Hello { subscriptions: subscriptions.collect() })
    }

    /// The socket is open.
    pub fn opened(&mut self, generation: u32, now: i64) -> Vec<Action> {
        // A socket that was given up while it opened may still open.
        if generation != self.generation || self.socket != Socket::Opening {
            return Vec::new();
        }
        self.socket = Socket::Open;
        vec![self.hello(now)]
    }

    /// A frame has come.
    pub fn frame(&mut self, generation: u32, frame: ServerFrame, now: i64, random: f64) -> Vec<Action> {
        if generation != self.generation || self.socket != Socket::Open {
            return Vec::new();
        }
        self.as_of = now;
        self.failures = 0;
        let mut actions = match frame {
            ServerFrame::Snapshot { topic, epoch, seq, state } => {
                let actions =
                    self.apply_snapshot(Snapshot { topic: topic.clone(), state, position: Resume { epoch, seq } });
                actions.into_iter().chain(self.snapshot_received(&topic, now)).collect()
            }
            ServerFrame::Resumed { topic, epoch, seq, head } => self.resumed(&topic, Resume { epoch, seq }, head, now),
            ServerFrame::Delta { topic, seq, change } => self.delta(&topic, seq, &change, now),
            ServerFrame::Bye { retry_in_ms } => {
                let status = self.disconnect(now);
                self.generation = self.generation.wrapping_add(1);
                let spread = (random * 1_000.0) as i64;
                let millis = i64::from(retry_in_ms).saturating_add(spread);
                let mut actions = vec![Action::Close, Action::Retry { generation: self.generation, millis }];
                actions.extend(status);
                return actions;
            }
            ServerFrame::Denied { topic } => self.denied(&topic),
            ServerFrame::Heartbeat { .. } => Vec::new(),
        };
        if self.is_live() {
            self.current_at = now;
        }
        actions.extend(self.update_status(now));
        actions
    }

    fn find(&mut self, topic: &Topic) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|subscription| subscription.topic == *topic)
    }

    /// Replaces what is shown by a snapshot, unless that is older.
    fn apply_snapshot(&mut self, snapshot: Snapshot) -> Vec<Action> {
        let epoch = Some(snapshot.position.epoch);
        let last_epoch = self.epoch;
        let Some(subscription) =
            self.find(&snapshot.topic).filter(|subscription| !subscription.is_newer_than(&snapshot))
        else {
            return Vec::new();
        };
        let same = subscription.replica.as_ref().is_some_and(|replica| *replica.state() == snapshot.state);
        let restarted = subscription.replica.as_ref().is_some_and(|replica| Some(replica.position().epoch) != epoch);
        subscription.replica = Some(Replica::new(snapshot.state.clone(), snapshot.position));
        let mut actions = if same { Vec::new() } else { vec![Action::Show(snapshot.topic, snapshot.state)] };
        // Once for all topics.
        if restarted && last_epoch != epoch {
            actions.push(Action::CheckVersion);
        }
        self.epoch = epoch;
        actions
    }

    fn snapshot_received(&mut self, topic: &Topic, now: i64) -> Option<Action> {
        let ask_again = self.find(topic)?.snapshot_received();
        ask_again.then(|| self.hello(now))
    }

    /// Whether the snapshot has another epoch than what is shown.
    fn is_restarted(&self, snapshot: &Snapshot) -> bool {
        self.replica(&snapshot.topic).is_some_and(|known| known.position().epoch != snapshot.position.epoch)
    }

    fn resumed(&mut self, topic: &Topic, from: Resume, head: u64, now: i64) -> Vec<Action> {
        let ask_again = self.find(topic).is_some_and(|subscription| subscription.resumed(from, head));
        if ask_again { vec![self.hello(now)] } else { Vec::new() }
    }

    fn delta(&mut self, topic: &Topic, seq: u64, change: &Change, now: i64) -> Vec<Action> {
        let Some(subscription) = self.find(topic) else { return Vec::new() };
        match (subscription.delta(seq, change), &subscription.replica) {
            (DeltaOutcome::Applied, Some(replica)) => vec![Action::Show(topic.clone(), replica.state().clone())],
            (DeltaOutcome::Gap, _) => vec![self.hello(now)],
            (DeltaOutcome::Applied | DeltaOutcome::Ignored, _) => Vec::new(),
        }
    }

    fn denied(&mut self, topic: &Topic) -> Vec<Action> {
        match self.find(topic) {
            Some(subscription) => {
                subscription.state = SubscriptionState::Denied;
                vec![Action::Reload]
            }
            None => Vec::new(),
        }
    }

    /// The socket has closed, or could not be opened.
    pub fn closed(&mut self, generation: u32, now: i64, random: f64) -> Vec<Action> {
        if generation != self.generation || self.socket == Socket::None {
            return Vec::new();
        }
        self.failures = self.failures.saturating_add(1);
        self.reconnect(now, random)
    }

    fn reconnect(&mut self, now: i64, random: f64) -> Vec<Action> {
        let status = self.disconnect(now);
        let millis = retry_after(self.failures, random);
        let mut actions = vec![Action::Close, Action::Retry { generation: self.generation, millis }];
        actions.extend(status);
        actions
    }

    /// The time of an [`Action::Retry`] has come.
    pub fn retry(&mut self, generation: u32, now: i64) -> Vec<Action> {
        let wanted = self.socket == Socket::None && !self.subscriptions.is_empty();
        if generation == self.generation && wanted { self.open(now) } else { Vec::new() }
    }

    /// The network is back, or the page has become visible.
    pub fn wake(&mut self, now: i64) -> Vec<Action> {
        // After a sleep a socket may look open although it is dead.
        let doubtful = now - self.current_at > SILENCE_MILLIS / 2;
        if self.socket == Socket::None || doubtful { self.restored(now) } else { Vec::new() }
    }

    /// The page comes out of the back/forward cache, where no socket survives, or the device has slept.
    pub fn restored(&mut self, now: i64) -> Vec<Action> {
        if self.subscriptions.is_empty() { Vec::new() } else { self.open(now) }
    }

    /// To be called once a second.
    pub fn tick(&mut self, now: i64, random: f64) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.subscriptions.is_empty() {
            return actions;
        }
        if now - self.current_at > SILENCE_MILLIS {
            actions.extend(self.set_status(ConnectionStatus::Stale { since: self.current_at }));
        }
        let waits = !self.is_live() && !self.is_denied();
        let dead = match self.socket {
            Socket::None => false,
            Socket::Opening => now - self.waiting_since > SILENCE_MILLIS,
            Socket::Open => {
                now - self.current_at.max(self.waiting_since) > SILENCE_MILLIS
                    || (waits && now - self.waiting_since > HELLO_TIMEOUT_MILLIS)
            }
        };
        if dead {
            actions.extend(self.closed(self.generation, now, random));
        }
        let polls = !self.is_live() && !self.is_denied() && now - self.live_until >= POLL_AFTER_MILLIS;
        if polls && now - self.polled_at >= POLL_MILLIS {
            self.polled_at = now;
            actions.push(Action::Poll);
        }
        actions
    }

    /// A poll that was sent at `asked_at` is answered.
    pub fn polled(&mut self, snapshots: Vec<Snapshot>, asked_at: i64, now: i64, random: f64) -> Vec<Action> {
        // A socket or a later poll has brought something newer meanwhile.
        if asked_at < self.as_of || self.is_live() {
            return Vec::new();
        }
        self.as_of = asked_at;
        self.current_at = now;
        let back = !std::mem::replace(&mut self.poll_answered, true);
        // The socket may still bring frames of the server before the restart, and no sequence number would show that
        // they are older than this answer.
        let outlived = self.socket == Socket::Open && snapshots.iter().any(|snapshot| self.is_restarted(snapshot));
        let mut actions = Vec::new();
        for snapshot in snapshots {
            // The socket is ahead of the poll for topics that are current.
            let subscription = self.find(&snapshot.topic);
            let behind = subscription.is_some_and(|subscription| subscription.state != SubscriptionState::Current);
            if outlived || behind {
                actions.extend(self.apply_snapshot(snapshot));
            }
        }
        if matches!(self.status, ConnectionStatus::Stale { .. }) || now - self.live_until > POLLING_STATUS_MILLIS {
            actions.extend(self.set_status(ConnectionStatus::Polling));
        }
        // The server can be reached again. A socket that was opened before would still wait for the broken network.
        let hangs = self.socket == Socket::Opening && asked_at - self.waiting_since > OPEN_MILLIS;
        if outlived || (back && (self.socket == Socket::None || hangs)) {
            self.generation = self.generation.wrapping_add(1);
            self.failures = 1;
            actions.extend(self.reconnect(now, random));
        }
        actions
    }

    /// A poll has failed or timed out.
    pub const fn poll_failed(&mut self) {
        self.poll_answered = false;
    }

    /// Whether every topic is current on an open socket.
    fn is_live(&self) -> bool {
        self.socket == Socket::Open
            && self.subscriptions.iter().all(|subscription| subscription.state == SubscriptionState::Current)
    }

    fn is_denied(&self) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.state == SubscriptionState::Denied)
    }

    /// Sets the status that follows from the socket. [`LiveClient::tick`] sets the one that follows from silence.
    fn update_status(&mut self, now: i64) -> Option<Action> {
        match self.status {
            _ if self.is_live() => self.set_status(ConnectionStatus::Live),
            _ if self.is_denied() => self.set_status(ConnectionStatus::Stale { since: self.current_at }),
            ConnectionStatus::Live => {
                self.live_until = now;
                self.set_status(ConnectionStatus::Connecting)
            }
            ConnectionStatus::Connecting | ConnectionStatus::Polling | ConnectionStatus::Stale { .. } => None,
        }
    }

    fn set_status(&mut self, status: ConnectionStatus) -> Option<Action> {
        let same = match (self.status, status) {
            (ConnectionStatus::Stale { .. }, ConnectionStatus::Stale { .. }) => true,
            (old, new) => old == new,
        };
        self.status = if same { self.status } else { status };
        (!same).then_some(Action::SetStatus(status))
    }
}

#[cfg(test)]
mod tests;
