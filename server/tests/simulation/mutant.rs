//! Deliberate defects, to check that the invariants detect them.

use axum::extract::ws::Message;
use domain::live::{ClientFrame, Resume, ServerFrame, Topic};

use super::{device::Device, random::Random};
use crate::live::RETAINED_CHANGES;

/// A defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutant {
    /// The hub sometimes loses a change, but counts it.
    HubDropsADelta,
    /// The hub sometimes loses a change, and pages apply the next one anyway.
    PageIgnoresGaps,
    /// Some changes of the table are never published to the hub.
    HubForgetsAChange,
    /// The epoch is ignored: a new instance continues with the numbers of the previous one.
    NobodyLooksAtTheEpoch,
    /// A page always takes its connection for alive.
    NeverLooksAtTheClock,
    /// A change is sometimes sent after a frame that confirms it.
    AHeartbeatOvertakes,
    /// A client that resumes from too old a position is told that it missed nothing.
    NobodyIsTooLate,
    /// Pages take a response to be as new as its arrival.
    OldAnswersCount,
    /// Tickets of cancelled orders are dropped a minute early.
    HubForgetsEndsEarly,
    /// A page that was asked to reconnect later does not poll meanwhile.
    NobodyAsksAfterGoodbye,
}

impl Mutant {
    pub(super) const ALL: [Self; 10] = [
        Self::HubDropsADelta,
        Self::PageIgnoresGaps,
        Self::HubForgetsAChange,
        Self::NobodyLooksAtTheEpoch,
        Self::NeverLooksAtTheClock,
        Self::AHeartbeatOvertakes,
        Self::NobodyIsTooLate,
        Self::OldAnswersCount,
        Self::HubForgetsEndsEarly,
        Self::NobodyAsksAfterGoodbye,
    ];

    /// Changes a frame on its way to a page; returns true when it is lost.
    pub(super) fn loses(self, frame: &mut ServerFrame, device: &Device, random: &Random) -> bool {
        if let (Self::NobodyLooksAtTheEpoch, ServerFrame::Resumed { topic, epoch, .. }) = (self, &mut *frame)
            && let Some(replica) = device.client.replica(topic)
        {
            *epoch = replica.position().epoch;
        }
        if let (Self::NobodyIsTooLate, ServerFrame::Snapshot { topic: topic @ Topic::Queue, epoch, seq, .. }) =
            (self, &mut *frame)
            && let Some(Resume { seq: known, .. }) = device
                .position(topic)
                .filter(|known| known.epoch == *epoch && known.seq + (RETAINED_CHANGES as u64) < *seq)
        {
            *frame = ServerFrame::Resumed { topic: topic.clone(), epoch: *epoch, seq: known, head: known };
        }
        let ServerFrame::Delta { topic, seq, .. } = frame else { return false };
        match self {
            Self::HubDropsADelta => random.chance(1, 50),
            Self::PageIgnoresGaps => {
                if let Some(replica) = device.client.replica(topic) {
                    *seq = replica.position().seq + 1;
                }
                random.chance(1, 50)
            }
            _ => false,
        }
    }

    pub(super) fn to_server(self, message: Message, epoch: Option<u64>) -> Message {
        let (Self::NobodyLooksAtTheEpoch, Message::Text(text), Some(epoch)) = (self, &message, epoch) else {
            return message;
        };
        let Ok(ClientFrame::Hello { mut subscriptions }) = serde_json::from_str(text) else { return message };
        for resume in subscriptions.iter_mut().filter_map(|subscription| subscription.resume.as_mut()) {
            resume.epoch = epoch;
        }
        Message::Text(serde_json::to_string(&ClientFrame::Hello { subscriptions }).unwrap().into())
    }
}
