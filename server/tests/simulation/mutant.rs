//! Deliberate defects, to check that the invariants detect them.

use axum::extract::ws::Message;
use domain::live::{ClientFrame, Resume, ServerFrame, Topic};

use super::{device::Device, random::Random};
use crate::live::RETAINED_CHANGES;

/// A defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutant {
    /// A delta is sometimes lost; the next one has the sequence number after it.
    HubLosesDelta,
    /// A delta is sometimes lost, and pages apply the next one in spite of the gap.
    PageIgnoresGaps,
    /// Some changes of the table are never published to the hub.
    ChangeIsNotPublished,
    /// The epoch is ignored: a new instance accepts the positions of the previous one.
    EpochIsIgnored,
    /// A page never notices that its connection is silent, because it gets no ticks.
    PageNeverTicks,
    /// A change is sometimes sent after a frame that confirms it.
    DeltaAfterHeartbeat,
    /// A client that resumes from too old a position is told that it missed nothing.
    OldPositionIsResumed,
    /// Pages take the state of a polling response to be as new as the arrival of the response.
    PollIsAsNewAsItsArrival,
    /// Tickets of cancelled orders are dropped a minute early.
    EndedTicketsExpireEarly,
    /// A page that got `bye` does not poll until it reconnects.
    NoPollAfterBye,
}

impl Mutant {
    pub(super) const ALL: [Self; 10] = [
        Self::HubLosesDelta,
        Self::PageIgnoresGaps,
        Self::ChangeIsNotPublished,
        Self::EpochIsIgnored,
        Self::PageNeverTicks,
        Self::DeltaAfterHeartbeat,
        Self::OldPositionIsResumed,
        Self::PollIsAsNewAsItsArrival,
        Self::EndedTicketsExpireEarly,
        Self::NoPollAfterBye,
    ];

    /// Changes a frame on its way to a page; returns true when it is lost.
    pub(super) fn loses(self, frame: &mut ServerFrame, device: &Device, random: &Random) -> bool {
        if let (Self::EpochIsIgnored, ServerFrame::Resumed { topic, epoch, .. }) = (self, &mut *frame)
            && let Some(replica) = device.client.replica(topic)
        {
            *epoch = replica.position().epoch;
        }
        if let (Self::OldPositionIsResumed, ServerFrame::Snapshot { topic: topic @ Topic::Queue, epoch, seq, .. }) =
            (self, &mut *frame)
            && let Some(Resume { seq: known, .. }) = device
                .position(topic)
                .filter(|known| known.epoch == *epoch && known.seq + (RETAINED_CHANGES as u64) < *seq)
        {
            *frame = ServerFrame::Resumed { topic: topic.clone(), epoch: *epoch, seq: known, head: known };
        }
        let ServerFrame::Delta { topic, seq, .. } = frame else { return false };
        match self {
            Self::HubLosesDelta => random.chance(1, 50),
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
        let (Self::EpochIsIgnored, Message::Text(text), Some(epoch)) = (self, &message, epoch) else {
            return message;
        };
        let Ok(ClientFrame::Hello { mut subscriptions }) = serde_json::from_str(text) else { return message };
        for resume in subscriptions.iter_mut().filter_map(|subscription| subscription.resume.as_mut()) {
            resume.epoch = epoch;
        }
        Message::Text(serde_json::to_string(&ClientFrame::Hello { subscriptions }).unwrap().into())
    }
}
