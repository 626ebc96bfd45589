//! Programs that break a promise, to see that it is noticed.

use axum::extract::ws::Message;
use domain::live::{ClientFrame, ServerFrame};

use super::{device::Device, dice::Dice};

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
}

impl Mutant {
    pub(super) const ALL: [Self; 5] = [
        Self::HubDropsADelta,
        Self::PageIgnoresGaps,
        Self::HubForgetsAChange,
        Self::NobodyLooksAtTheEpoch,
        Self::NeverLooksAtTheClock,
    ];

    /// False when the frame gets lost.
    pub(super) fn to_client(self, frame: &mut ServerFrame, device: &Device, dice: &Dice) -> bool {
        if let (Self::NobodyLooksAtTheEpoch, ServerFrame::Resumed { topic, epoch, .. }) = (self, &mut *frame)
            && let Some(replica) = device.session.replica(topic)
        {
            *epoch = replica.position().epoch;
        }
        let ServerFrame::Delta { topic, seq, .. } = frame else { return true };
        match self {
            Self::HubDropsADelta => !dice.chance(1, 50),
            Self::PageIgnoresGaps => {
                if let Some(replica) = device.session.replica(topic) {
                    *seq = replica.position().seq + 1;
                }
                !dice.chance(1, 50)
            }
            Self::HubForgetsAChange | Self::NobodyLooksAtTheEpoch | Self::NeverLooksAtTheClock => true,
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
