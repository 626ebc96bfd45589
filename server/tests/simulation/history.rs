//! The states that each topic has had in the server, by position.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Weak},
};

use domain::live::{Resume, ServerFrame, Topic, TopicState};

use crate::live::TopicLog;

/// The states of a topic in one instance, by sequence number.
type StatesBySeq = BTreeMap<u64, TimedState>;

/// A state, and when it became true.
#[derive(Debug)]
struct TimedState {
    state: TopicState,
    since: i64,
}

/// The history of all topics.
#[derive(Debug, Default)]
pub(super) struct History {
    states: HashMap<Topic, HashMap<u64, StatesBySeq>>,
    /// The last recorded position of each topic.
    last_recorded: HashMap<Topic, (Weak<TopicLog>, u64)>,
    /// When each instance ended.
    ends: HashMap<u64, i64>,
    violation: Option<String>,
}

impl History {
    /// Records a topic after something may have changed.
    pub(super) fn record(&mut self, topic: &Topic, log: &Arc<TopicLog>, now: i64) {
        let last = (Arc::downgrade(log), log.seq());
        if self.last_recorded.get(topic).is_some_and(|(known, seq)| known.ptr_eq(&last.0) && *seq == last.1) {
            return;
        }
        self.last_recorded.insert(topic.clone(), last);
        let (state, Resume { epoch, seq }) = log.current();
        let states = self.states.entry(topic.clone()).or_default().entry(epoch).or_default();
        if let Some(known) = states.get(&seq) {
            if known.state != state {
                let violation = format!("{topic} has two states at {epoch}/{seq}: {:?} and {state:?}", known.state);
                self.violation.get_or_insert(violation);
            }
            return;
        }
        // Several changes may have been made since the last call, and a client may show each of them.
        let before = states.range(..seq).next_back().map(|(at, timed)| (*at, timed.state.clone()));
        if let Some((mut at, mut replayed)) = before {
            for frame in log.catch_up(at).frames {
                let Ok(ServerFrame::Delta { seq: next, change, .. }) = serde_json::from_str(&frame) else { break };
                replayed.apply(&change);
                at += 1;
                if next != at {
                    self.violation.get_or_insert(format!("{topic}: change {next} follows {}", at - 1));
                }
                if at < seq {
                    states.insert(at, TimedState { state: replayed.clone(), since: now });
                }
            }
            if at == seq && replayed != state {
                self.violation.get_or_insert(format!("{topic}: the changes up to {seq} do not lead to its state"));
            }
        }
        states.insert(seq, TimedState { state, since: now });
    }

    /// The instance has crashed or shut down.
    pub(super) fn record_end(&mut self, epoch: u64, now: i64) {
        self.ends.insert(epoch, now);
    }

    /// The first violation by the server itself.
    pub(super) fn violation(&self) -> Option<String> {
        self.violation.clone()
    }

    fn states_in(&self, topic: &Topic, epoch: u64) -> Option<&StatesBySeq> {
        self.states.get(topic)?.get(&epoch)
    }

    /// When the topic reached this position, if it had this state there.
    pub(super) fn since(&self, topic: &Topic, position: Resume, state: &TopicState) -> Result<i64, String> {
        match self.states_in(topic, position.epoch).and_then(|states| states.get(&position.seq)) {
            Some(timed) if timed.state == *state => Ok(timed.since),
            Some(timed) => Err(format!("{topic} was not {state:?} at {position:?} but {:?}", timed.state)),
            None => Err(format!("{topic} has never been at {position:?}")),
        }
    }

    /// When the state at this position was replaced.
    pub(super) fn replaced_at(&self, topic: &Topic, position: Resume) -> Option<i64> {
        let states = self.states_in(topic, position.epoch)?;
        let next = states.range(position.seq + 1..).next().map(|(_, timed)| timed.since);
        next.or_else(|| self.ends.get(&position.epoch).copied())
    }
}
