//! One topic that a page shows, and its state on the present socket.

use domain::live::{Applied, Change, Replica, Resume, SubscriptionRequest, Topic};

use crate::loaders::Snapshot;

/// The state of a topic on the present socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SubscriptionState {
    /// The server has not answered yet. The replica is right as of its position.
    Pending,
    /// Gap: needs a snapshot with a sequence number of at least this.
    Gap(u64),
    /// Resumed. The missed changes up to this sequence number are still to come.
    CatchingUp(u64),
    /// The replica has every change.
    Current,
    /// The server has denied the topic.
    Denied,
}

/// What a change has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeltaOutcome {
    /// It was applied: show the replica.
    Applied,
    /// It changes nothing.
    Ignored,
    /// Changes before it are missing: ask for a snapshot.
    Gap,
}

/// A topic that the page shows.
#[derive(Debug)]
pub(super) struct Subscription {
    /// The id of the part of the page that shows the topic. Another part may subscribe to the same topic before this
    /// one unsubscribes.
    pub(super) id: u32,
    pub(super) topic: Topic,
    pub(super) replica: Option<Replica>,
    pub(super) state: SubscriptionState,
}

impl Subscription {
    pub(super) const fn new(id: u32, topic: Topic, replica: Option<Replica>) -> Self {
        Self { id, topic, replica, state: SubscriptionState::Pending }
    }

    /// The subscription as a hello asks for it. After a gap it asks for a snapshot.
    pub(super) fn request(&self) -> SubscriptionRequest {
        let known = self.replica.as_ref().filter(|_| !matches!(self.state, SubscriptionState::Gap(_)));
        SubscriptionRequest { topic: self.topic.clone(), resume: known.map(Replica::position) }
    }

    /// The socket is lost. A gap stays a gap, but the next server may count from another number.
    pub(super) fn disconnected(&mut self) {
        self.state = match self.state {
            SubscriptionState::Gap(_) => SubscriptionState::Gap(0),
            _ => SubscriptionState::Pending,
        };
    }

    /// Whether the replica is newer than the snapshot.
    pub(super) fn is_newer_than(&self, snapshot: &Snapshot) -> bool {
        let known = self.replica.as_ref().map(Replica::position);
        known.is_some_and(|known| known.epoch == snapshot.position.epoch && known.seq > snapshot.position.seq)
    }

    /// A snapshot has come on the socket. Returns whether to ask for another one: a change that the server will not
    /// send again has overtaken this one.
    pub(super) fn snapshot_received(&mut self) -> bool {
        let Some(seq) = self.replica.as_ref().map(|replica| replica.position().seq) else { return false };
        match self.state {
            SubscriptionState::Gap(needed) if seq < needed => true,
            SubscriptionState::CatchingUp(head) if seq < head => false,
            SubscriptionState::Denied => false,
            SubscriptionState::Pending
            | SubscriptionState::Gap(_)
            | SubscriptionState::CatchingUp(_)
            | SubscriptionState::Current => {
                self.state = SubscriptionState::Current;
                false
            }
        }
    }

    /// The server resumes from the position of the last hello. Returns whether to ask for a snapshot: the replica is
    /// somewhere else.
    pub(super) fn resumed(&mut self, from: Resume, head: u64) -> bool {
        if self.state != SubscriptionState::Pending {
            return false;
        }
        let known = self.replica.as_ref().map(Replica::position);
        if let Some(known) = known.filter(|known| known.epoch == from.epoch && known.seq >= from.seq) {
            self.state =
                if known.seq < head { SubscriptionState::CatchingUp(head) } else { SubscriptionState::Current };
            return false;
        }
        self.state = SubscriptionState::Gap(head);
        true
    }

    /// Applies a change.
    pub(super) fn delta(&mut self, seq: u64, change: &Change) -> DeltaOutcome {
        let applied = match (self.state, &mut self.replica) {
            (SubscriptionState::Current | SubscriptionState::CatchingUp(_), Some(replica)) => {
                replica.apply(seq, change)
            }
            // Before the server's answer it is not known to which state the change belongs.
            (SubscriptionState::Pending | SubscriptionState::Current | SubscriptionState::CatchingUp(_), _) => {
                Applied::Gap
            }
            // A snapshot has been asked for.
            (SubscriptionState::Gap(needed), _) => {
                self.state = SubscriptionState::Gap(needed.max(seq));
                return DeltaOutcome::Ignored;
            }
            (SubscriptionState::Denied, _) => return DeltaOutcome::Ignored,
        };
        if self.state == SubscriptionState::CatchingUp(seq) && applied != Applied::Gap {
            self.state = SubscriptionState::Current;
        }
        match applied {
            Applied::Yes => DeltaOutcome::Applied,
            Applied::Already => DeltaOutcome::Ignored,
            Applied::Gap => {
                self.state = SubscriptionState::Gap(seq);
                DeltaOutcome::Gap
            }
        }
    }
}
