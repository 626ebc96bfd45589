//! What to do about the live connection, decided without a browser.
//!
//! Everything that happens comes in as a call; what is to be done goes out as [`Act`]s. Times are milliseconds of any
//! steady clock, random numbers are between 0 and 1.
//!
//! A page is live when the present socket has welcomed it to every topic that it shows, and all changes since have come
//! one after the other. In every other moment it says something else.

use domain::live::{Applied, Change, ClientFrame, Replica, Resume, ServerFrame, Subscription, Topic, TopicState};

use super::status::Line;
use crate::loaders::Snapshot;

/// So long without a word means that the line is broken: three heartbeats.
const SILENCE_MILLIS: i64 = 15_000;
/// A socket that has not answered a question for so long is as good as dead.
const WELCOME_MILLIS: i64 = 10_000;
/// A socket opens in less than that on a network that works.
const OPEN_MILLIS: i64 = 2_000;
/// Not live for so long, the page begins to ask by ordinary requests.
const ASK_AFTER_MILLIS: i64 = 2_000;
/// How often it asks: at every second tick, however late the one before was.
const ASK_MILLIS: i64 = 1_750;
/// Not live for so long, asking is what keeps the page true, and it says so.
const PATIENCE_MILLIS: i64 = 8_000;
const RETRY_FLOOR_MILLIS: i64 = 500;
const RETRY_CEILING_MILLIS: i64 = 15_000;

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Open a socket. The one before is retired.
    Open {
        /// Everything that the socket says carries this.
        generation: u32,
    },
    /// Retire the socket.
    Close,
    /// Say this.
    Send(ClientFrame),
    /// Call [`Session::retry`].
    Retry {
        /// With this generation.
        generation: u32,
        /// After so long, in the place of any call that was asked for before.
        millis: i64,
    },
    /// Ask for the topics by an ordinary request, and bring the answer to [`Session::polled`].
    Poll,
    /// Show this.
    Show(Topic, TopicState),
    /// Say whether the page is live.
    Tell(Line),
    /// The server has begun anew, perhaps with newer pages: look whether this one is out of date.
    Renew,
    /// The server lets this page read no more: load it again, so that it says why.
    Reload,
}

/// How the present socket stands to a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It has not answered yet. What is known is true as of its position.
    Awaited,
    /// Count has been lost: only a snapshot helps, of the last number that was heard of or a later one.
    Lost(u64),
    /// It goes on from where it was, and what was missed comes: up to that number.
    Behind(u64),
    /// Every change comes.
    Followed,
    /// It may not be read.
    Refused,
}

#[derive(Debug)]
struct Watch {
    /// Of the page's part that watches: the next page may watch the same topic before the last one lets go of it.
    id: u32,
    topic: Topic,
    replica: Option<Replica>,
    standing: Standing,
}

impl Watch {
    /// True when the snapshot is from an earlier time than what is shown.
    fn is_past(&self, snapshot: &Snapshot) -> bool {
        let known = self.replica.as_ref().map(Replica::position);
        known.is_some_and(|known| known.epoch == snapshot.position.epoch && known.seq > snapshot.position.seq)
    }
}

/// The state of a page's live connection.
#[derive(Debug)]
pub struct Session {
    watches: Vec<Watch>,
    /// Counts sockets, so that a retired one can change nothing.
    generation: u32,
    socket: Socket,
    failures: u32,
    line: Line,
    /// When all that is shown was last known to be true, by either way.
    heard_at: i64,
    /// What is shown was true then or later.
    true_at: i64,
    /// When the page was last live, or was loaded.
    lost_at: i64,
    /// When the topics were last asked for by an ordinary request.
    asked_at: i64,
    /// Whether the last such request was answered.
    reached: bool,
    /// Of the last snapshot.
    epoch: Option<u64>,
    /// When the present socket was opened, or was last asked for its topics.
    since: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    None,
    Opening,
    Open,
}

impl Session {
    /// A connection that opens when something is watched.
    #[must_use]
    pub const fn new(now: i64) -> Self {
        Self {
            watches: Vec::new(),
            generation: 0,
            socket: Socket::None,
            failures: 0,
            line: Line::Starting,
            heard_at: now,
            true_at: now,
            lost_at: now,
            asked_at: now,
            reached: true,
            epoch: None,
            since: now,
        }
    }

    /// The topics that the page shows.
    #[must_use]
    pub fn topics(&self) -> Vec<Topic> {
        self.watches.iter().map(|watch| watch.topic.clone()).collect()
    }

    /// What the page shows of a topic, and how far it has been read.
    #[must_use]
    pub fn replica(&self, topic: &Topic) -> Option<&Replica> {
        self.watches.iter().find(|watch| watch.topic == *topic)?.replica.as_ref()
    }

    /// What the page says about itself.
    #[must_use]
    pub const fn line(&self) -> Line {
        self.line
    }

    /// The page begins to show a topic.
    pub fn watch(&mut self, id: u32, topic: Topic, start: Option<Snapshot>, now: i64) -> Vec<Act> {
        let replica = start.map(|snapshot| Replica::new(snapshot.state, snapshot.position));
        self.watches.retain(|watch| watch.topic != topic);
        self.watches.push(Watch { id, topic, replica, standing: Standing::Awaited });
        match self.socket {
            Socket::None => self.open(now),
            Socket::Opening => Vec::new(),
            Socket::Open => {
                let mut acts = vec![self.hello(now)];
                acts.extend(self.judge(now));
                acts
            }
        }
    }

    /// A part of the page is gone.
    pub fn unwatch(&mut self, id: u32) -> Vec<Act> {
        self.watches.retain(|watch| watch.id != id);
        if self.watches.is_empty() && self.socket != Socket::None {
            self.generation = self.generation.wrapping_add(1);
            self.socket = Socket::None;
            return vec![Act::Close];
        }
        Vec::new()
    }

    fn open(&mut self, now: i64) -> Vec<Act> {
        let told = self.lose(now);
        self.since = now;
        self.generation = self.generation.wrapping_add(1);
        self.socket = Socket::Opening;
        let mut acts = vec![Act::Open { generation: self.generation }];
        acts.extend(told);
        acts
    }

    /// There is no socket any more that could be believed.
    fn lose(&mut self, now: i64) -> Option<Act> {
        self.socket = Socket::None;
        for watch in &mut self.watches {
            // The next server may count from another number.
            watch.standing =
                if matches!(watch.standing, Standing::Lost(_)) { Standing::Lost(0) } else { Standing::Awaited };
        }
        self.judge(now)
    }

    /// All topics, each with how far it has been read. The server replaces what the connection is subscribed to.
    fn hello(&mut self, now: i64) -> Act {
        self.since = now;
        let subscriptions = self.watches.iter().map(|watch| Subscription {
            topic: watch.topic.clone(),
            resume: watch
                .replica
                .as_ref()
                .filter(|_| !matches!(watch.standing, Standing::Lost(_)))
                .map(Replica::position),
        });
        Act::Send(ClientFrame::Hello { subscriptions: subscriptions.collect() })
    }

    /// The socket is open.
    pub fn opened(&mut self, generation: u32, now: i64) -> Vec<Act> {
        // One that was given up while it opened may open all the same.
        if generation != self.generation || self.socket != Socket::Opening {
            return Vec::new();
        }
        self.socket = Socket::Open;
        vec![self.hello(now)]
    }

    /// A frame has come.
    pub fn frame(&mut self, generation: u32, frame: ServerFrame, now: i64, random: f64) -> Vec<Act> {
        if generation != self.generation || self.socket != Socket::Open {
            return Vec::new();
        }
        self.true_at = now;
        self.failures = 0;
        let mut acts = match frame {
            ServerFrame::Snapshot { topic, epoch, seq, state } => {
                let acts = self.put(Snapshot { topic: topic.clone(), state, position: Resume { epoch, seq } });
                acts.into_iter().chain(self.caught_up(&topic, now)).collect()
            }
            ServerFrame::Resumed { topic, epoch, seq, head } => self.resumed(&topic, Resume { epoch, seq }, head, now),
            ServerFrame::Delta { topic, seq, change } => self.delta(&topic, seq, &change, now),
            ServerFrame::Bye { retry_in_ms } => {
                let told = self.lose(now);
                self.generation = self.generation.wrapping_add(1);
                let spread = (random * 1_000.0) as i64;
                let millis = i64::from(retry_in_ms).saturating_add(spread);
                let mut acts = vec![Act::Close, Act::Retry { generation: self.generation, millis }];
                acts.extend(told);
                return acts;
            }
            ServerFrame::Denied { topic } => self.refused(&topic),
            ServerFrame::Heartbeat { .. } => Vec::new(),
        };
        if self.is_whole() {
            self.heard_at = now;
        }
        acts.extend(self.judge(now));
        acts
    }

    fn find(&mut self, topic: &Topic) -> Option<&mut Watch> {
        self.watches.iter_mut().find(|watch| watch.topic == *topic)
    }

    /// Takes a snapshot in, unless what is shown is newer already.
    fn put(&mut self, snapshot: Snapshot) -> Vec<Act> {
        let epoch = Some(snapshot.position.epoch);
        let known = self.epoch;
        let Some(watch) = self.find(&snapshot.topic).filter(|watch| !watch.is_past(&snapshot)) else {
            return Vec::new();
        };
        let same = watch.replica.as_ref().is_some_and(|replica| *replica.state() == snapshot.state);
        let other = watch.replica.as_ref().is_some_and(|replica| Some(replica.position().epoch) != epoch);
        watch.replica = Some(Replica::new(snapshot.state.clone(), snapshot.position));
        let mut acts = if same { Vec::new() } else { vec![Act::Show(snapshot.topic, snapshot.state)] };
        // Once for all topics.
        if other && known != epoch {
            acts.push(Act::Renew);
        }
        self.epoch = epoch;
        acts
    }

    /// A snapshot has come on the socket. One that is older than what has been heard of is a late one, or was overtaken by
    /// a change that nobody will send again.
    fn caught_up(&mut self, topic: &Topic, now: i64) -> Option<Act> {
        let watch = self.find(topic)?;
        let seq = watch.replica.as_ref()?.position().seq;
        match watch.standing {
            Standing::Lost(heard) if seq < heard => Some(self.hello(now)),
            Standing::Behind(head) if seq < head => None,
            Standing::Refused => None,
            Standing::Awaited | Standing::Lost(_) | Standing::Behind(_) | Standing::Followed => {
                watch.standing = Standing::Followed;
                None
            }
        }
    }

    /// True when the snapshot is of another life of the server than what is shown.
    fn is_anew(&self, snapshot: &Snapshot) -> bool {
        self.replica(&snapshot.topic).is_some_and(|known| known.position().epoch != snapshot.position.epoch)
    }

    /// The server goes on from the position that was named in the last `hello`.
    fn resumed(&mut self, topic: &Topic, from: Resume, head: u64, now: i64) -> Vec<Act> {
        let Some(watch) = self.find(topic).filter(|watch| watch.standing == Standing::Awaited) else {
            return Vec::new();
        };
        let known = watch.replica.as_ref().map(Replica::position);
        if let Some(known) = known.filter(|known| known.epoch == from.epoch && known.seq >= from.seq) {
            watch.standing = if known.seq < head { Standing::Behind(head) } else { Standing::Followed };
            return Vec::new();
        }
        watch.standing = Standing::Lost(head);
        vec![self.hello(now)]
    }

    fn delta(&mut self, topic: &Topic, seq: u64, change: &Change, now: i64) -> Vec<Act> {
        let Some(watch) = self.find(topic) else { return Vec::new() };
        let applied = match (watch.standing, &mut watch.replica) {
            (Standing::Followed | Standing::Behind(_), Some(replica)) => replica.apply(seq, change),
            // Before the welcome nobody knows what it would be the next change to.
            (Standing::Awaited | Standing::Followed | Standing::Behind(_), _) => Applied::Gap,
            // A snapshot is under way.
            (Standing::Lost(heard), _) => {
                watch.standing = Standing::Lost(heard.max(seq));
                return Vec::new();
            }
            (Standing::Refused, _) => return Vec::new(),
        };
        if watch.standing == Standing::Behind(seq) && applied != Applied::Gap {
            watch.standing = Standing::Followed;
        }
        match (applied, &watch.replica) {
            (Applied::Yes, Some(replica)) => vec![Act::Show(topic.clone(), replica.state().clone())],
            (Applied::Already, _) => Vec::new(),
            _ => {
                watch.standing = Standing::Lost(seq);
                vec![self.hello(now)]
            }
        }
    }

    fn refused(&mut self, topic: &Topic) -> Vec<Act> {
        match self.find(topic) {
            Some(watch) => {
                watch.standing = Standing::Refused;
                vec![Act::Reload]
            }
            None => Vec::new(),
        }
    }

    /// The socket has closed or could not be opened.
    pub fn closed(&mut self, generation: u32, now: i64, random: f64) -> Vec<Act> {
        if generation != self.generation || self.socket == Socket::None {
            return Vec::new();
        }
        self.failures = self.failures.saturating_add(1);
        self.again(now, random)
    }

    fn again(&mut self, now: i64, random: f64) -> Vec<Act> {
        let told = self.lose(now);
        let millis = retry_after(self.failures, random);
        let mut acts = vec![Act::Close, Act::Retry { generation: self.generation, millis }];
        acts.extend(told);
        acts
    }

    /// The time set by [`Act::Retry`] has come.
    pub fn retry(&mut self, generation: u32, now: i64) -> Vec<Act> {
        let wanted = self.socket == Socket::None && !self.watches.is_empty();
        if generation == self.generation && wanted { self.open(now) } else { Vec::new() }
    }

    /// The network is back, or somebody looks at the page again.
    pub fn wake(&mut self, now: i64) -> Vec<Act> {
        // A sleeping tablet wakes with a socket that looks open and is dead.
        let doubtful = now - self.heard_at > SILENCE_MILLIS / 2;
        if self.socket == Socket::None || doubtful { self.restored(now) } else { Vec::new() }
    }

    /// The page comes out of the browser's memory of pages, where no socket lives on.
    pub fn restored(&mut self, now: i64) -> Vec<Act> {
        if self.watches.is_empty() { Vec::new() } else { self.open(now) }
    }

    /// Once a second.
    pub fn tick(&mut self, now: i64, random: f64) -> Vec<Act> {
        let mut acts = Vec::new();
        if self.watches.is_empty() {
            return acts;
        }
        if now - self.heard_at > SILENCE_MILLIS {
            acts.extend(self.tell(Line::Silent { since: self.heard_at }));
        }
        let waits = !self.is_whole() && !self.is_refused();
        let dead = match self.socket {
            Socket::None => false,
            Socket::Opening => now - self.since > SILENCE_MILLIS,
            Socket::Open => {
                now - self.heard_at.max(self.since) > SILENCE_MILLIS || (waits && now - self.since > WELCOME_MILLIS)
            }
        };
        if dead {
            acts.extend(self.closed(self.generation, now, random));
        }
        let without_line = !self.is_whole() && !self.is_refused() && now - self.lost_at >= ASK_AFTER_MILLIS;
        if without_line && now - self.asked_at >= ASK_MILLIS {
            self.asked_at = now;
            acts.push(Act::Poll);
        }
        acts
    }

    /// An ordinary request, sent at `asked_at`, has brought the topics.
    pub fn polled(&mut self, snapshots: Vec<Snapshot>, asked_at: i64, now: i64, random: f64) -> Vec<Act> {
        // What a socket or a later request has said meanwhile is newer.
        if asked_at < self.true_at || self.is_whole() {
            return Vec::new();
        }
        self.true_at = asked_at;
        self.heard_at = now;
        let back = !std::mem::replace(&mut self.reached, true);
        // A socket that was asked before may still bring what a server said that is no more, and no number tells that it
        // is older than this.
        let outlived = self.socket == Socket::Open && snapshots.iter().any(|snapshot| self.is_anew(snapshot));
        let mut acts = Vec::new();
        for snapshot in snapshots {
            // What the socket follows it knows better.
            if outlived || self.find(&snapshot.topic).is_some_and(|watch| watch.standing != Standing::Followed) {
                acts.extend(self.put(snapshot));
            }
        }
        if matches!(self.line, Line::Silent { .. }) || now - self.lost_at > PATIENCE_MILLIS {
            acts.extend(self.tell(Line::Slow));
        }
        // The server can be reached again: a socket that was opened before would wait on for the broken network.
        let hangs = self.socket == Socket::Opening && asked_at - self.since > OPEN_MILLIS;
        if outlived || (back && (self.socket == Socket::None || hangs)) {
            self.generation = self.generation.wrapping_add(1);
            self.failures = 1;
            acts.extend(self.again(now, random));
        }
        acts
    }

    /// An ordinary request has failed, or was given up.
    pub const fn unreached(&mut self) {
        self.reached = false;
    }

    /// Whether every topic is followed.
    fn is_whole(&self) -> bool {
        self.socket == Socket::Open && self.watches.iter().all(|watch| watch.standing == Standing::Followed)
    }

    fn is_refused(&self) -> bool {
        self.watches.iter().any(|watch| watch.standing == Standing::Refused)
    }

    /// Says what has become true of the page, as far as its socket knows. That time passes in silence is for the ticks.
    fn judge(&mut self, now: i64) -> Option<Act> {
        match self.line {
            _ if self.is_whole() => self.tell(Line::Live),
            _ if self.is_refused() => self.tell(Line::Silent { since: self.heard_at }),
            Line::Live => {
                self.lost_at = now;
                self.tell(Line::Starting)
            }
            Line::Starting | Line::Slow | Line::Silent { .. } => None,
        }
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
