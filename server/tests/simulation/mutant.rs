//! Programs that break a promise, to see that it is noticed.

use axum::extract::ws::Message;
use domain::live::{ClientFrame, Resume, ServerFrame, Topic};

use super::{device::Device, random::Dice};
use crate::live::RETAINED_CHANGES;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutant {
    /// The hub loses a change now and then, but counts it.
    HubDropsADelta,
    /// The same, and pages apply whatever comes next.
    PageIgnoresGaps,
    /// The table knows of changes that the hub never hears of.
    HubForgetsAChange,
    /// Nobody looks at the epoch: a new life of the server goes on with the numbers of the old one.
    NobodyLooksAtTheEpoch,
    /// A page that believes its line for ever.
    NeverLooksAtTheClock,
    /// A change is sent now and then after a frame that vouches for it.
    AHeartbeatOvertakes,
    /// Who comes back too late for the ring is told that nothing was missed.
    NobodyIsTooLate,
    /// Pages take an answer for as new as its arrival.
    OldAnswersCount,
    /// The cards of orders that were called off go a minute early.
    HubForgetsEndsEarly,
    /// A page that is sent away waits for its turn, and asks nothing meanwhile.
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

    /// Changes what comes to a page; true when it gets lost.
    pub(super) fn loses(self, frame: &mut ServerFrame, device: &Device, dice: &Dice) -> bool {
        if let (Self::NobodyLooksAtTheEpoch, ServerFrame::Resumed { topic, epoch, .. }) = (self, &mut *frame)
            && let Some(replica) = device.session.replica(topic)
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
            Self::HubDropsADelta => dice.chance(1, 50),
            Self::PageIgnoresGaps => {
                if let Some(replica) = device.session.replica(topic) {
                    *seq = replica.position().seq + 1;
                }
                dice.chance(1, 50)
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
