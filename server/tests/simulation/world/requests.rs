//! HTTP requests: pages, and polling of topics.

use app::loaders::Snapshot;

use super::{World, network::RESEND_MILLIS, schedule::Event};
use crate::simulation::mutant::Mutant;

/// A page gives up a request after this time.
const POLL_LIMIT_MILLIS: i64 = 4_000;
/// The longest latency in one direction.
pub(super) const LATENCY_MILLIS: i64 = 200;
/// How long a page with the defect `NoPollAfterBye` does not poll.
const NO_POLL_MILLIS: i64 = 8_000;

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
    pub(super) fn request_page(&mut self, device: usize, millis: i64) {
        self.devices[device].page += 1;
        let page = self.devices[device].page;
        match self.snapshots(device) {
            Some(snapshots) => self.after(millis, Event::PageLoaded { device, page, snapshots }),
            // The server is down. The user reloads.
            None => self.after(1_000, Event::PageLoaded { device, page, snapshots: Vec::new() }),
        }
    }

    pub(super) fn page_loaded(&mut self, device: usize, page: u64, snapshots: Vec<Snapshot>) {
        if self.devices[device].page != page {
            return;
        }
        if snapshots.is_empty() {
            return self.request_page(device, 300);
        }
        let now = self.now();
        self.devices[device].load(&snapshots, now);
        self.note("page", device, page);
        for (id, snapshot) in (0..).zip(snapshots) {
            let actions = self.devices[device].client.subscribe(id, snapshot.topic.clone(), Some(snapshot), now);
            self.carry_out(device, actions);
        }
    }

    pub(super) fn poll(&mut self, device: usize) {
        let (at, page) = (self.now(), self.devices[device].page);
        let has_defect = self.mutant == Some(Mutant::NoPollAfterBye);
        if has_defect && at - self.devices[device].bye_at < NO_POLL_MILLIS {
            return;
        }
        self.note("poll", device, page);
        self.pending_polls.insert((device, at));
        self.after(POLL_LIMIT_MILLIS, Event::PollFailed { device, page, at });
        if self.devices[device].is_offline {
            return self.held_requests.push_back((device, page, at));
        }
        let delay = self.random.between(1, LATENCY_MILLIS);
        self.after(delay, Event::PollArrives { device, page, at });
    }

    pub(super) fn answer_poll(&mut self, device: usize, page: u64, at: i64) {
        if self.devices[device].is_offline {
            return self.held_requests.push_back((device, page, at));
        }
        let delay = match self.mutant {
            Some(Mutant::PollIsAsNewAsItsArrival) if self.random.chance(1, 2) => self.random.between(1, 3_000),
            _ => self.random.between(1, LATENCY_MILLIS),
        };
        match self.snapshots(device) {
            Some(snapshots) => self.after(delay, Event::PollAnswered { device, page, at, snapshots }),
            None => self.after(delay, Event::PollFailed { device, page, at }),
        }
    }

    pub(super) fn poll_answered(&mut self, device: usize, page: u64, at: i64, snapshots: Vec<Snapshot>) {
        if !self.pending_polls.remove(&(device, at)) || self.devices[device].page != page {
            return;
        }
        let (now, random) = (self.now(), self.random.fraction());
        self.note("answer", device, at.cast_unsigned());
        let asked_at = if self.mutant == Some(Mutant::PollIsAsNewAsItsArrival) { now } else { at };
        let actions = self.devices[device].client.polled(snapshots, asked_at, now, random);
        self.carry_out(device, actions);
    }

    pub(super) fn poll_failed(&mut self, device: usize, page: u64, at: i64) {
        if self.pending_polls.remove(&(device, at)) && self.devices[device].page == page {
            self.devices[device].client.poll_failed();
        }
    }

    /// Sends the requests that the network of the device has held back.
    pub(super) fn release_requests(&mut self, device: usize) {
        for (who, page, at) in std::mem::take(&mut self.held_requests) {
            if who == device {
                let delay = self.random.between(1, RESEND_MILLIS);
                self.after(delay, Event::PollArrives { device, page, at });
            } else {
                self.held_requests.push_back((who, page, at));
            }
        }
    }
}
