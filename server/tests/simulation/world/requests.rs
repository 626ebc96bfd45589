//! HTTP requests: pages, and polling of topics.

use app::loaders::Snapshot;

use super::{World, network::RESEND_MILLIS, schedule::Event};
use crate::simulation::mutant::Mutant;

/// A page gives up a request after this time.
const POLL_LIMIT_MILLIS: i64 = 4_000;
/// The longest latency in one direction.
pub(super) const WAY_MILLIS: i64 = 200;
/// How long a page of a mutant does not poll.
const SULKS_MILLIS: i64 = 8_000;

impl World {
    fn snapshots(&self, device: usize) -> Option<Vec<Snapshot>> {
        let topics = self.devices[device].topics.iter();
        topics
            .map(|topic| {
                let (state, position) = self.backend.topic(topic)?.current();
                Some(Snapshot { topic: topic.clone(), state, position })
            })
            .collect()
    }

    /// Reloads the page.
    pub(super) fn ask_for_page(&mut self, device: usize, millis: i64) {
        self.devices[device].page += 1;
        let page = self.devices[device].page;
        match self.snapshots(device) {
            Some(snapshots) => self.after(millis, Event::Loaded { device, page, snapshots }),
            // Somebody taps again.
            None => self.after(1_000, Event::Loaded { device, page, snapshots: Vec::new() }),
        }
    }

    pub(super) fn loaded(&mut self, device: usize, page: u64, snapshots: Vec<Snapshot>) {
        if self.devices[device].page != page {
            return;
        }
        if snapshots.is_empty() {
            return self.ask_for_page(device, 300);
        }
        let now = self.now();
        self.devices[device].load(&snapshots, now);
        self.note("page", device, page);
        for (id, snapshot) in (0..).zip(snapshots) {
            let acts = self.devices[device].client.subscribe(id, snapshot.topic.clone(), Some(snapshot), now);
            self.carry_out(device, acts);
        }
    }

    pub(super) fn poll(&mut self, device: usize) {
        let (at, page) = (self.now(), self.devices[device].page);
        let sulks = self.mutant == Some(Mutant::NobodyAsksAfterGoodbye);
        if sulks && at - self.devices[device].sent_away_at < SULKS_MILLIS {
            return;
        }
        self.note("poll", device, page);
        self.unanswered.insert((device, at));
        self.after(POLL_LIMIT_MILLIS, Event::Unanswered { device, page, at });
        if self.devices[device].dark {
            return self.held.push_back((device, page, at));
        }
        let delay = self.random.between(1, WAY_MILLIS);
        self.after(delay, Event::Poll { device, page, at });
    }

    pub(super) fn answer_poll(&mut self, device: usize, page: u64, at: i64) {
        if self.devices[device].dark {
            return self.held.push_back((device, page, at));
        }
        let delay = match self.mutant {
            Some(Mutant::OldAnswersCount) if self.random.chance(1, 2) => self.random.between(1, 3_000),
            _ => self.random.between(1, WAY_MILLIS),
        };
        match self.snapshots(device) {
            Some(snapshots) => self.after(delay, Event::Answered { device, page, at, snapshots }),
            None => self.after(delay, Event::Unanswered { device, page, at }),
        }
    }

    pub(super) fn answered(&mut self, device: usize, page: u64, at: i64, snapshots: Vec<Snapshot>) {
        if !self.unanswered.remove(&(device, at)) || self.devices[device].page != page {
            return;
        }
        let (now, random) = (self.now(), self.random.fraction());
        self.note("answer", device, at.cast_unsigned());
        let asked_at = if self.mutant == Some(Mutant::OldAnswersCount) { now } else { at };
        let acts = self.devices[device].client.polled(snapshots, asked_at, now, random);
        self.carry_out(device, acts);
    }

    pub(super) fn given_up(&mut self, device: usize, page: u64, at: i64) {
        if self.unanswered.remove(&(device, at)) && self.devices[device].page == page {
            self.devices[device].client.poll_failed();
        }
    }

    /// Sends the requests that the network of the device has held back.
    pub(super) fn release_requests(&mut self, device: usize) {
        for (who, page, at) in std::mem::take(&mut self.held) {
            if who == device {
                let delay = self.random.between(1, RESEND_MILLIS);
                self.after(delay, Event::Poll { device, page, at });
            } else {
                self.held.push_back((who, page, at));
            }
        }
    }
}
