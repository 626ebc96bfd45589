//! The states that each topic has had in the server, by position.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Weak},
};

use domain::live::{Resume, ServerFrame, Topic, TopicState};

use crate::live::TopicLog;

/// The states of a topic in one instance, by sequence number.
type Thread = BTreeMap<u64, Moment>;

/// A state, and when it became true.
#[derive(Debug)]
struct Moment {
    state: TopicState,
    since: i64,
}

/// The history of all topics.
#[derive(Debug, Default)]
pub(super) struct History {
    threads: HashMap<Topic, HashMap<u64, Thread>>,
    /// The last recorded position of each topic.
    looked: HashMap<Topic, (Weak<TopicLog>, u64)>,
    /// When each instance ended.
    ends: HashMap<u64, i64>,
    wrong: Option<String>,
}

impl History {
    /// Records a topic after something may have changed.
    pub(super) fn record(&mut self, topic: &Topic, log: &Arc<TopicLog>, now: i64) {
        let last = (Arc::downgrade(log), log.seq());
        if self.looked.get(topic).is_some_and(|(known, seq)| known.ptr_eq(&last.0) && *seq == last.1) {
            return;
        }
        self.looked.insert(topic.clone(), last);
        let (state, Resume { epoch, seq }) = log.current();
        let thread = self.threads.entry(topic.clone()).or_default().entry(epoch).or_default();
        if let Some(known) = thread.get(&seq) {
            if known.state != state {
                let words = format!("{topic} has two states at {epoch}/{seq}: {:?} and {state:?}", known.state);
                self.wrong.get_or_insert(words);
            }
            return;
        }
        // Several changes may have been made since the last call, and a client may show each of them.
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

    /// The instance has crashed or shut down.
    pub(super) fn end(&mut self, epoch: u64, now: i64) {
        self.ends.insert(epoch, now);
    }

    /// The first fault of the server itself.
    pub(super) fn wrong(&self) -> Option<String> {
        self.wrong.clone()
    }

    fn thread(&self, topic: &Topic, epoch: u64) -> Option<&Thread> {
        self.threads.get(topic)?.get(&epoch)
    }

    /// When the topic reached this position, if it had this state there.
    pub(super) fn since(&self, topic: &Topic, position: Resume, state: &TopicState) -> Result<i64, String> {
        match self.thread(topic, position.epoch).and_then(|thread| thread.get(&position.seq)) {
            Some(moment) if moment.state == *state => Ok(moment.since),
            Some(moment) => Err(format!("{topic} was not {state:?} at {position:?} but {:?}", moment.state)),
            None => Err(format!("{topic} has never been at {position:?}")),
        }
    }

    /// When the state at this position was replaced.
    pub(super) fn over(&self, topic: &Topic, position: Resume) -> Option<i64> {
        let thread = self.thread(topic, position.epoch)?;
        let next = thread.range(position.seq + 1..).next().map(|(_, moment)| moment.since);
        next.or_else(|| self.ends.get(&position.epoch).copied())
    }
}
