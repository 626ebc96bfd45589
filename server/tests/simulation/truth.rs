//! What the server has really had: each topic at each of its positions.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::live::{Resume, ServerFrame, Topic, TopicState};

use crate::live::TopicLog;

/// A topic in one life of the server.
type Thread = (u64, Topic);

/// A state, and since when it has been true.
#[derive(Debug)]
struct Moment {
    state: TopicState,
    since: i64,
}

/// Everything that was ever true.
#[derive(Debug, Default)]
pub(super) struct Truth {
    moments: HashMap<Thread, BTreeMap<u64, Moment>>,
    /// When each life of the server ended.
    ends: HashMap<u64, i64>,
    wrong: Option<String>,
}

impl Truth {
    /// Looks at a topic after something may have changed on it.
    pub(super) fn look(&mut self, topic: &Topic, log: &Arc<TopicLog>, now: i64) {
        let (state, Resume { epoch, seq }) = log.now();
        let thread = self.moments.entry((epoch, topic.clone())).or_default();
        if let Some(known) = thread.get(&seq) {
            if known.state != state {
                let words = format!("{topic} has two states at {epoch}/{seq}: {:?} and {state:?}", known.state);
                self.wrong.get_or_insert(words);
            }
            return;
        }
        // Several changes may have come at once; each of them may be what somebody sees.
        let before = thread.range(..seq).next_back().map(|(at, moment)| (*at, moment.state.clone()));
        if let Some((mut at, mut passing)) = before {
            for frame in log.catch_up(at).frames {
                let Ok(ServerFrame::Delta { seq: next, change, .. }) = serde_json::from_str(&frame) else { break };
                passing.apply(&change);
                at += 1;
                if next != at {
                    self.wrong.get_or_insert(format!("{topic}: change {next} follows on {}", at - 1));
                }
                if at < seq {
                    thread.insert(at, Moment { state: passing.clone(), since: now });
                }
            }
            if at == seq && passing != state {
                self.wrong.get_or_insert(format!("{topic}: the changes up to {seq} do not lead to its state"));
            }
        }
        thread.insert(seq, Moment { state, since: now });
    }

    /// The server has died or was closed.
    pub(super) fn end(&mut self, epoch: u64, now: i64) {
        self.ends.insert(epoch, now);
    }

    /// The first thing that was wrong with the server itself.
    pub(super) fn wrong(&self) -> Option<String> {
        self.wrong.clone()
    }

    /// Whether the server has had this state at this position.
    pub(super) fn was(&self, topic: &Topic, position: Resume, state: &TopicState) -> Result<(), String> {
        let moment = self.moments.get(&(position.epoch, topic.clone())).and_then(|thread| thread.get(&position.seq));
        match moment {
            Some(moment) if moment.state == *state => Ok(()),
            Some(moment) => Err(format!("{topic} was not {state:?} at {position:?} but {:?}", moment.state)),
            None => Err(format!("{topic} has never been at {position:?}")),
        }
    }

    /// Since when the state at this position has not been true any more.
    pub(super) fn over(&self, topic: &Topic, position: Resume) -> Option<i64> {
        let thread = self.moments.get(&(position.epoch, topic.clone()))?;
        let next = thread.range(position.seq + 1..).next().map(|(_, moment)| moment.since);
        next.or_else(|| self.ends.get(&position.epoch).copied())
    }
}
