//! The connections.
//!
//! A connection keeps the order of its data, as TCP does; connections are independent of each other. A network that is
//! down holds packets back, and delivers them within a second after it is up again. Refusals and resets may be seen at
//! one end only.
//! reset as a network does it: perhaps at one end only.

use std::collections::VecDeque;

use axum::extract::ws::Message;

use super::{World, schedule::Event};
use crate::simulation::wire::Wire;

/// Packets that were held back are delivered within this time.
pub(super) const RESEND_MILLIS: i64 = 1_000;

/// What is sent on a connection.
#[derive(Debug, Clone)]
pub(super) enum Packet {
    Open,
    Opened,
    Refused,
    Message(Message),
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    ToServer,
    ToClient,
}

#[derive(Debug)]
struct Parcel {
    packet: Packet,
    arrives: i64,
    /// All changes before this time have been sent before.
    true_at: i64,
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Pipe {
    parcels: VecDeque<Parcel>,
    /// The earliest delivery.
    not_before: i64,
}

impl Pipe {
    fn due(&mut self, now: i64) -> Option<Parcel> {
        if self.not_before > now {
            return None;
        }
        self.parcels.pop_front_if(|parcel| parcel.arrives <= now)
    }
}

#[derive(Debug)]
pub(super) struct Line {
    pub(super) device: usize,
    pub(super) page: u64,
    pub(super) generation: u32,
    pub(super) wire: Option<Wire>,
    pub(super) task: Option<usize>,
    pub(super) life: u64,
    /// Since when the server's buffer is full.
    pub(super) stuck_since: Option<i64>,
    to_server: Pipe,
    to_client: Pipe,
    /// Silently lost: nothing is delivered any more, and neither end is told.
    pub(super) forgotten: bool,
    pub(super) client_gone: bool,
    pub(super) ended: bool,
}

impl Line {
    const fn pipe(&mut self, way: Way) -> &mut Pipe {
        match way {
            Way::ToServer => &mut self.to_server,
            Way::ToClient => &mut self.to_client,
        }
    }
}

impl World {
    /// The browser of a device opens a connection.
    pub(super) fn dial(&mut self, device: usize, generation: u32) {
        let at = self.lines.len();
        self.lines.push(Line {
            device,
            page: self.devices[device].page,
            generation,
            wire: None,
            task: None,
            life: 0,
            stuck_since: None,
            to_server: Pipe::default(),
            to_client: Pipe::default(),
            forgotten: false,
            client_gone: false,
            ended: false,
        });
        self.devices[device].line = Some(at);
        self.send(at, Way::ToServer, Packet::Open);
    }

    pub(super) fn send(&mut self, at: usize, way: Way, packet: Packet) {
        let now = self.now();
        self.send_as_of(at, way, packet, now);
    }

    /// Sends something on a connection that confirms no change after `true_at`.
    pub(super) fn send_as_of(&mut self, at: usize, way: Way, packet: Packet, true_at: i64) {
        let delay = match self.random.below(20) {
            0 => self.random.between(50, 300),
            _ => self.random.between(1, 50),
        };
        let now = self.now();
        let line = &mut self.lines[at];
        if line.forgotten {
            return;
        }
        let pipe = line.pipe(way);
        let last = pipe.parcels.back().map_or(0, |parcel| parcel.arrives);
        let arrives = (now + delay).max(last).max(pipe.not_before);
        pipe.parcels.push_back(Parcel { packet, arrives, true_at });
        self.schedule.at(arrives, Event::Arrives { line: at, way });
    }

    fn passes(&self, at: usize, way: Way) -> bool {
        let line = &self.lines[at];
        let device = &self.devices[line.device];
        !line.forgotten && !device.dark && (way == Way::ToServer || device.reads(self.now()))
    }

    /// Delivers the next packet that is due.
    pub(super) fn arrive(&mut self, at: usize, way: Way) {
        if !self.passes(at, way) {
            return;
        }
        let now = self.now();
        let Some(Parcel { packet, true_at, .. }) = self.lines[at].pipe(way).due(now) else { return };
        match way {
            Way::ToServer => self.at_server(at, packet),
            Way::ToClient => self.at_client(at, packet, true_at),
        }
        let more = self.lines[at].pipe(way).parcels.front().is_some_and(|parcel| parcel.arrives <= now);
        if more {
            self.schedule.at(now, Event::Arrives { line: at, way });
        }
    }

    /// Ends a connection at the ends that notice it.
    pub(super) fn reset(&mut self, at: usize, at_server: bool, at_client: bool) {
        let line = &mut self.lines[at];
        line.forgotten = true;
        line.to_server.parcels.clear();
        line.to_client.parcels.clear();
        if let Some(wire) = line.wire.as_ref().filter(|_| at_server) {
            wire.lock().unwrap().reset();
        }
        if at_client {
            self.after(1, Event::Broken { line: at });
        }
    }

    /// The connections of a device that are not lost.
    pub(super) fn lines_of(&self, device: usize) -> Vec<usize> {
        (0..self.lines.len()).filter(|&at| self.lines[at].device == device && !self.lines[at].forgotten).collect()
    }

    /// Delivers the packets that were held back, in their order.
    pub(super) fn release(&mut self, device: usize, within: i64) {
        for line in self.lines_of(device) {
            let wait = self.random.between(0, within);
            let again = self.now() + wait;
            for way in [Way::ToServer, Way::ToClient] {
                let pipe = self.lines[line].pipe(way);
                pipe.not_before = pipe.not_before.max(again);
                let at = pipe.not_before;
                self.schedule.at(at, Event::Arrives { line, way });
            }
        }
        self.release_requests(device);
    }
}
