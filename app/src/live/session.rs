//! What to do about the live connection, decided without a browser.
//!
//! Everything that happens comes in as a call; what is to be done goes out as [`Act`]s. Times are milliseconds of any
//! steady clock.
#![cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser drives a session"))]

use domain::live::{Applied, ClientFrame, Replica, ServerFrame, Subscription, Topic, TopicState};

use super::Line;
use crate::reads::Snapshot;

/// So long without a word means that the line is broken: three heartbeats.
const SILENCE_MILLIS: i64 = 15_000;
/// How often a page asks where sockets are blocked.
const POLL_MILLIS: i64 = 3_000;
/// Without a socket for so long, the page begins to ask.
const PATIENCE_MILLIS: i64 = 8_000;
const RETRY_FLOOR_MILLIS: i64 = 500;
const RETRY_CEILING_MILLIS: i64 = 15_000;

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    /// Open a socket; everything it says carries this generation. The one before is retired.
    Open { generation: u32 },
    /// Retire the socket.
    Close,
    /// Say this.
    Send(ClientFrame),
    /// Call [`Session::retry`] with this generation after so long.
    Retry { generation: u32, millis: i64 },
    /// Ask for the topics by an ordinary request.
    Poll,
    /// Show this.
    Show(Topic, TopicState),
    /// Say whether the page is live.
    Tell(Line),
}

#[derive(Debug)]
struct Watch {
    /// Of the page's part that watches: the next page may watch the same topic before the last one lets go of it.
    id: u32,
    topic: Topic,
    replica: Option<Replica>,
}

/// The state of a page's live connection.
#[derive(Debug)]
pub(super) struct Session {
    watches: Vec<Watch>,
    /// Counts sockets, so that a retired one can change nothing.
    generation: u32,
    socket: Socket,
    failures: u32,
    line: Line,
    /// When something true last came, by either way.
    heard_at: i64,
    /// When the last socket that worked was lost, or the page was loaded.
    lost_at: i64,
    asked_at: i64,
    opening_since: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    None,
    Opening,
    Open,
}

impl Session {
    pub(super) const fn new(now: i64) -> Self {
        Self {
            watches: Vec::new(),
            generation: 0,
            socket: Socket::None,
            failures: 0,
            line: Line::Starting,
            heard_at: now,
            lost_at: now,
            asked_at: now,
            opening_since: now,
        }
    }

    /// The topics that the page shows.
    pub(super) fn topics(&self) -> Vec<Topic> {
        self.watches.iter().map(|watch| watch.topic.clone()).collect()
    }

    /// The page begins to show a topic.
    pub(super) fn watch(&mut self, id: u32, topic: Topic, start: Option<Snapshot>, now: i64) -> Vec<Act> {
        let replica = start.map(|snapshot| Replica::new(snapshot.state, snapshot.position));
        self.watches.retain(|watch| watch.topic != topic);
        self.watches.push(Watch { id, topic, replica });
        match self.socket {
            Socket::None => self.open(now),
            Socket::Opening => Vec::new(),
            Socket::Open => vec![self.hello()],
        }
    }

    /// A part of the page is gone.
    pub(super) fn unwatch(&mut self, id: u32) -> Vec<Act> {
        self.watches.retain(|watch| watch.id != id);
        if self.watches.is_empty() && self.socket != Socket::None {
            self.generation = self.generation.wrapping_add(1);
            self.socket = Socket::None;
            return vec![Act::Close];
        }
        Vec::new()
    }

    fn open(&mut self, now: i64) -> Vec<Act> {
        self.opening_since = now;
        self.generation = self.generation.wrapping_add(1);
        self.socket = Socket::Opening;
        vec![Act::Open { generation: self.generation }]
    }

    /// All topics, each with how far it has been read. The server replaces what the connection is subscribed to.
    fn hello(&self) -> Act {
        let subscriptions = self.watches.iter().map(|watch| Subscription {
            topic: watch.topic.clone(),
            resume: watch.replica.as_ref().map(Replica::position),
        });
        Act::Send(ClientFrame::Hello { subscriptions: subscriptions.collect() })
    }

    pub(super) fn opened(&mut self, generation: u32) -> Vec<Act> {
        if generation != self.generation {
            return Vec::new();
        }
        self.socket = Socket::Open;
        vec![self.hello()]
    }

    /// A frame has come. `random` is between 0 and 1.
    pub(super) fn frame(&mut self, generation: u32, frame: ServerFrame, now: i64, random: f64) -> Vec<Act> {
        if generation != self.generation {
            return Vec::new();
        }
        self.heard_at = now;
        self.failures = 0;
        let mut acts = match frame {
            ServerFrame::Snapshot { topic, epoch, seq, state } => {
                self.put(Snapshot { topic, state, position: domain::live::Resume { epoch, seq } })
            }
            ServerFrame::Delta { topic, seq, change } => self.delta(&topic, seq, &change),
            ServerFrame::Bye { retry_in_ms } => {
                self.socket = Socket::None;
                self.lost_at = now;
                self.generation = self.generation.wrapping_add(1);
                let spread = (random * 1_000.0) as i64;
                let millis = i64::from(retry_in_ms).saturating_add(spread);
                return vec![Act::Close, Act::Retry { generation: self.generation, millis }];
            }
            ServerFrame::Denied { topic } => {
                self.watches.retain(|watch| watch.topic != topic);
                Vec::new()
            }
            ServerFrame::Resumed { .. } | ServerFrame::Heartbeat { .. } => Vec::new(),
        };
        acts.extend(self.tell(Line::Live));
        acts
    }

    fn put(&mut self, snapshot: Snapshot) -> Vec<Act> {
        let Some(watch) = self.watches.iter_mut().find(|watch| watch.topic == snapshot.topic) else {
            return Vec::new();
        };
        let same = watch.replica.as_ref().is_some_and(|replica| *replica.state() == snapshot.state);
        watch.replica = Some(Replica::new(snapshot.state.clone(), snapshot.position));
        if same { Vec::new() } else { vec![Act::Show(snapshot.topic, snapshot.state)] }
    }

    fn delta(&mut self, topic: &Topic, seq: u64, change: &domain::live::Change) -> Vec<Act> {
        let Some(watch) = self.watches.iter_mut().find(|watch| watch.topic == *topic) else { return Vec::new() };
        let applied = watch.replica.as_mut().map(|replica| replica.apply(seq, change));
        match (applied, &watch.replica) {
            (Some(Applied::Yes), Some(replica)) => vec![Act::Show(topic.clone(), replica.state().clone())],
            (Some(Applied::Already), _) => Vec::new(),
            _ => {
                watch.replica = None;
                vec![self.hello()]
            }
        }
    }

    /// The socket has closed or could not be opened.
    pub(super) fn closed(&mut self, generation: u32, now: i64, random: f64) -> Vec<Act> {
        if generation != self.generation || self.socket == Socket::None {
            return Vec::new();
        }
        if self.socket == Socket::Open {
            self.lost_at = now;
        }
        self.socket = Socket::None;
        self.failures = self.failures.saturating_add(1);
        let millis = retry_after(self.failures, random);
        vec![Act::Close, Act::Retry { generation: self.generation, millis }]
    }

    /// The time set by [`Act::Retry`] has come.
    pub(super) fn retry(&mut self, generation: u32, now: i64) -> Vec<Act> {
        let wanted = self.socket == Socket::None && !self.watches.is_empty();
        if generation == self.generation && wanted { self.open(now) } else { Vec::new() }
    }

    /// The network is back, or somebody looks at the page again.
    pub(super) fn wake(&mut self, now: i64) -> Vec<Act> {
        if self.watches.is_empty() {
            return Vec::new();
        }
        // A sleeping tablet wakes with a socket that looks open and is dead.
        let doubtful = now - self.heard_at > SILENCE_MILLIS / 2;
        match self.socket {
            Socket::None => self.open(now),
            Socket::Opening | Socket::Open if doubtful => self.open(now),
            Socket::Opening | Socket::Open => Vec::new(),
        }
    }

    /// Once a second.
    pub(super) fn tick(&mut self, now: i64, random: f64) -> Vec<Act> {
        let mut acts = Vec::new();
        if self.watches.is_empty() {
            return acts;
        }
        if now - self.heard_at > SILENCE_MILLIS {
            acts.extend(self.tell(Line::Silent { since: self.heard_at }));
        }
        let dead = match self.socket {
            Socket::None => false,
            Socket::Opening => now - self.opening_since > SILENCE_MILLIS,
            Socket::Open => now - self.heard_at.max(self.opening_since) > SILENCE_MILLIS,
        };
        if dead {
            acts.extend(self.closed(self.generation, now, random));
        }
        let without_socket = self.socket != Socket::Open && now - self.lost_at > PATIENCE_MILLIS;
        if without_socket && now - self.asked_at >= POLL_MILLIS {
            self.asked_at = now;
            acts.push(Act::Poll);
        }
        acts
    }

    /// An ordinary request has brought the topics.
    pub(super) fn polled(&mut self, snapshots: Vec<Snapshot>, now: i64) -> Vec<Act> {
        // What a live socket has said meanwhile is newer.
        if self.socket == Socket::Open && self.line == Line::Live {
            return Vec::new();
        }
        self.heard_at = now;
        let mut acts: Vec<Act> = snapshots.into_iter().flat_map(|snapshot| self.put(snapshot)).collect();
        acts.extend(self.tell(Line::Slow));
        acts
    }

    fn tell(&mut self, line: Line) -> Option<Act> {
        let already = match (self.line, line) {
            (Line::Silent { .. }, Line::Silent { .. }) => true,
            (old, new) => old == new,
        };
        self.line = if already { self.line } else { line };
        (!already).then_some(Act::Tell(line))
    }
}

/// Full jitter between half a second and a ceiling that doubles with each failure, up to 15 seconds.
fn retry_after(failures: u32, random: f64) -> i64 {
    let ceiling = RETRY_FLOOR_MILLIS.saturating_mul(1 << failures.min(5)).min(RETRY_CEILING_MILLIS);
    RETRY_FLOOR_MILLIS + ((ceiling - RETRY_FLOOR_MILLIS) as f64 * random) as i64
}

#[cfg(test)]
mod tests;
