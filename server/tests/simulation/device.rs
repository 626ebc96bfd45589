//! A phone, a tablet or a wall: the real state machine of the pages, and what its screen shows.

use std::collections::BTreeMap;

use app::{
    live::{Line, session::Session},
    reads::Snapshot,
};
use domain::live::{Resume, Topic, TopicState};

use super::truth::Truth;

/// So long without a word, and the screen must say so: fifteen seconds, and one until the next tick.
const SILENCE_MILLIS: i64 = 16_000;
/// So late a change may be sent to a reader that is slow, before the reader is cut: ten seconds for what is being sent when
/// the change comes, and ten for what is sent then.
const BEHIND_MILLIS: i64 = 20_000;

/// What a screen shows of a topic.
type Screen = BTreeMap<Topic, TopicState>;

pub(super) struct Device {
    pub(super) topics: Vec<Topic>,
    pub(super) session: Session,
    pub(super) screen: Screen,
    /// The line that it has, by its place among all lines.
    pub(super) line: Option<usize>,
    /// Whether packets pass.
    pub(super) dark: bool,
    /// It reads nothing until then.
    pub(super) slow_until: i64,
    /// It does nothing at all until then, and nobody looks at it.
    pub(super) asleep_until: i64,
    /// Counts timers, because a new one takes the place of the one before.
    pub(super) timer: u64,
    /// Counts pages: what was under way for the one before concerns nobody.
    pub(super) page: u64,
    /// When the server last asked it to come back later.
    pub(super) sent_away_at: i64,
    /// When the last frame came, and when the server had sent it.
    heard_at: i64,
    heard_from: i64,
}

impl Device {
    pub(super) fn new(topics: Vec<Topic>, now: i64) -> Self {
        Self {
            topics,
            session: Session::new(now),
            screen: Screen::new(),
            line: None,
            dark: false,
            slow_until: 0,
            asleep_until: 0,
            timer: 0,
            page: 0,
            sent_away_at: 0,
            heard_at: now,
            heard_from: now,
        }
    }

    /// A new page has come, with what the server has drawn into it.
    pub(super) fn load(&mut self, snapshots: &[Snapshot], now: i64) {
        self.session = Session::new(now);
        self.screen = snapshots.iter().map(|snapshot| (snapshot.topic.clone(), snapshot.state.clone())).collect();
        (self.heard_at, self.heard_from) = (now, now);
    }

    /// A frame has come that was sent at `from`.
    pub(super) fn hear(&mut self, from: i64, now: i64) {
        (self.heard_at, self.heard_from) = (now, from);
    }

    fn position(&self, topic: &Topic) -> Option<Resume> {
        Some(self.session.replica(topic)?.position())
    }

    /// What must hold at every moment at which somebody looks at the screen.
    pub(super) fn check(&self, truth: &Truth, now: i64) -> Result<(), String> {
        if self.session.line() != Line::Live {
            return Ok(());
        }
        if now - self.heard_at > SILENCE_MILLIS {
            return Err(format!("it is live, and has heard nothing for {} ms", now - self.heard_at));
        }
        for topic in &self.topics {
            let (Some(shown), Some(position)) = (self.screen.get(topic), self.position(topic)) else {
                return Err(format!("it is live, and shows nothing of {topic}"));
            };
            truth.was(topic, position, shown).map_err(|error| format!("it is live, but {error}"))?;
            // Whatever comes on a line, all that was new before it was sent has come before.
            if let Some(over) = truth.over(topic, position).filter(|over| *over < self.heard_from - BEHIND_MILLIS) {
                let late = self.heard_from - over;
                return Err(format!(
                    "it is live, but has missed the change of {topic} after {position:?} by {late} ms"
                ));
            }
        }
        Ok(())
    }
}
