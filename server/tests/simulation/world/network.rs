//! The connections.
//!
//! A connection keeps the order of its data, as TCP does; connections are independent of each other. A network that is
//! down holds packets back, and delivers them within a second after it is up again. A reset may reach one end only.

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
pub(super) enum Direction {
    ToServer,
    ToClient,
}

#[derive(Debug)]
struct QueuedPacket {
    packet: Packet,
    arrives: i64,
    /// All changes before this time were sent before this packet.
    confirmed_until: i64,
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Pipe {
    packets: VecDeque<QueuedPacket>,
    /// The earliest delivery.
    not_before: i64,
}

impl Pipe {
    fn due(&mut self, now: i64) -> Option<QueuedPacket> {
        if self.not_before > now {
            return None;
        }
        self.packets.pop_front_if(|queued| queued.arrives <= now)
    }
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) device: usize,
    pub(super) page: u64,
    pub(super) generation: u32,
    pub(super) wire: Option<Wire>,
    pub(super) task: Option<usize>,
    pub(super) instance: u64,
    /// When the server's send buffer became full, if it is full.
    pub(super) blocked_since: Option<i64>,
    to_server: Pipe,
    to_client: Pipe,
    /// Nothing is delivered any more. Whether an end notices depends on the fault.
    pub(super) is_lost: bool,
    pub(super) closed_by_client: bool,
    pub(super) ended: bool,
}

impl Connection {
    const fn pipe(&mut self, direction: Direction) -> &mut Pipe {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }
}

impl World {
    /// The browser of a device opens a connection.
    pub(super) fn connect(&mut self, device: usize, generation: u32) {
        let index = self.connections.len();
        self.connections.push(Connection {
            device,
            page: self.devices[device].page,
            generation,
            wire: None,
            task: None,
            instance: 0,
            blocked_since: None,
            to_server: Pipe::default(),
            to_client: Pipe::default(),
            is_lost: false,
            closed_by_client: false,
            ended: false,
        });
        self.devices[device].connection = Some(index);
        self.send(index, Direction::ToServer, Packet::Open);
    }

    pub(super) fn send(&mut self, index: usize, direction: Direction, packet: Packet) {
        let now = self.now();
        self.send_as_of(index, direction, packet, now);
    }

    /// Sends something on a connection that confirms only changes before `confirmed_until`.
    pub(super) fn send_as_of(&mut self, index: usize, direction: Direction, packet: Packet, confirmed_until: i64) {
        let delay = match self.random.below(20) {
            0 => self.random.between(50, 300),
            _ => self.random.between(1, 50),
        };
        let now = self.now();
        let connection = &mut self.connections[index];
        if connection.is_lost {
            return;
        }
        let pipe = connection.pipe(direction);
        let last_arrival = pipe.packets.back().map_or(0, |queued| queued.arrives);
        let arrives = (now + delay).max(last_arrival).max(pipe.not_before);
        pipe.packets.push_back(QueuedPacket { packet, arrives, confirmed_until });
        self.schedule.at(arrives, Event::PacketArrives { connection: index, direction });
    }

    fn passes(&self, index: usize, direction: Direction) -> bool {
        let connection = &self.connections[index];
        let device = &self.devices[connection.device];
        !connection.is_lost && !device.is_offline && (direction == Direction::ToServer || device.reads(self.now()))
    }

    /// Delivers the next packet that is due.
    pub(super) fn deliver(&mut self, index: usize, direction: Direction) {
        if !self.passes(index, direction) {
            return;
        }
        let now = self.now();
        let Some(QueuedPacket { packet, confirmed_until, .. }) = self.connections[index].pipe(direction).due(now)
        else {
            return;
        };
        match direction {
            Direction::ToServer => self.at_server(index, packet),
            Direction::ToClient => self.at_client(index, packet, confirmed_until),
        }
        let more = self.connections[index].pipe(direction).packets.front().is_some_and(|queued| queued.arrives <= now);
        if more {
            self.schedule.at(now, Event::PacketArrives { connection: index, direction });
        }
    }

    /// Ends a connection at the ends that notice it.
    pub(super) fn reset(&mut self, index: usize, at_server: bool, at_client: bool) {
        let connection = &mut self.connections[index];
        connection.is_lost = true;
        connection.to_server.packets.clear();
        connection.to_client.packets.clear();
        if let Some(wire) = connection.wire.as_ref().filter(|_| at_server) {
            wire.lock().unwrap().reset();
        }
        if at_client {
            self.after(1, Event::ConnectionLost { connection: index });
        }
    }

    /// The connections of a device that are not lost.
    pub(super) fn connections_of(&self, device: usize) -> Vec<usize> {
        (0..self.connections.len())
            .filter(|&index| self.connections[index].device == device && !self.connections[index].is_lost)
            .collect()
    }

    /// Delivers the packets that were held back, in their order.
    pub(super) fn release(&mut self, device: usize, within: i64) {
        for connection in self.connections_of(device) {
            let wait = self.random.between(0, within);
            let resumes_at = self.now() + wait;
            for direction in [Direction::ToServer, Direction::ToClient] {
                let pipe = self.connections[connection].pipe(direction);
                pipe.not_before = pipe.not_before.max(resumes_at);
                let at = pipe.not_before;
                self.schedule.at(at, Event::PacketArrives { connection, direction });
            }
        }
        self.release_requests(device);
    }
}
