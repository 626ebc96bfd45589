//! The browsers: pass frames and time to the pages, and carry out the pages' actions.

use app::live::{ConnectionStatus, client::Action};
use axum::extract::ws::{Message, Utf8Bytes};
use domain::live::{ServerFrame, Topic, TopicState};

use super::{
    World,
    network::{Direction, Packet},
    schedule::Event,
};
use crate::{live::RETAINED_CHANGES, simulation::mutant::Mutant};

impl World {
    pub(super) fn asleep(&self, device: usize) -> bool {
        self.devices[device].asleep_until > self.now()
    }

    pub(super) fn tick(&mut self, device: usize) {
        self.after(1_000, Event::Tick { device });
        if self.asleep(device) || self.mutant == Some(Mutant::PageNeverTicks) {
            return self.check(device);
        }
        let (now, random) = (self.now(), self.random.fraction());
        let actions = self.devices[device].client.tick(now, random);
        self.carry_out(device, actions);
    }

    pub(super) fn retry(&mut self, device: usize, page: u64, timer: u64, generation: u32) {
        let (now, entry) = (self.now(), &mut self.devices[device]);
        if entry.page != page || entry.timer != timer {
            return;
        }
        if entry.asleep_until > now {
            let wakes = entry.asleep_until;
            return self.schedule.at(wakes, Event::Retry { device, page, timer, generation });
        }
        let actions = entry.client.retry(generation, now);
        self.carry_out(device, actions);
    }

    /// The system reports that a connection is lost.
    pub(super) fn connection_lost(&mut self, index: usize) {
        let device = self.connections[index].device;
        if self.asleep(device) {
            let wakes = self.devices[device].asleep_until;
            return self.schedule.at(wakes, Event::ConnectionLost { connection: index });
        }
        self.connections[index].is_lost = true;
        self.closed(index);
    }

    fn closed(&mut self, index: usize) {
        let (now, random) = (self.now(), self.random.fraction());
        let connection = &mut self.connections[index];
        let (device, generation) = (connection.device, connection.generation);
        let entry = &mut self.devices[device];
        if std::mem::replace(&mut connection.closed_by_client, true) || connection.page != entry.page {
            return;
        }
        let actions = entry.client.closed(generation, now, random);
        self.carry_out(device, actions);
    }

    pub(super) fn at_client(&mut self, index: usize, packet: Packet, confirmed_until: i64) {
        let now = self.now();
        let connection = &self.connections[index];
        let (device, generation) = (connection.device, connection.generation);
        if connection.page != self.devices[device].page {
            return;
        }
        match packet {
            Packet::Opened => {
                let actions = self.devices[device].client.opened(generation, now);
                self.carry_out(device, actions);
            }
            Packet::End | Packet::Refused => self.closed(index),
            Packet::Message(message) => {
                if let Some(wire) = &connection.wire {
                    wire.lock().unwrap().message_read();
                }
                // A browser delivers nothing from a socket that the page has closed. If it did, nothing would change.
                if connection.closed_by_client && !self.random.chance(1, 4) {
                    return;
                }
                match message {
                    Message::Text(text) => self.text(index, text, confirmed_until),
                    Message::Ping(payload) => {
                        self.send(index, Direction::ToServer, Packet::Message(Message::Pong(payload)))
                    }
                    Message::Close(_) => {
                        self.send(index, Direction::ToServer, Packet::End);
                        self.closed(index);
                    }
                    Message::Binary(_) | Message::Pong(_) => {}
                }
            }
            Packet::Open => {}
        }
    }

    fn text(&mut self, index: usize, text: Utf8Bytes, confirmed_until: i64) {
        let key = (text.as_str().as_ptr() as usize, text.len());
        let decode = || (text.clone(), serde_json::from_str::<ServerFrame>(&text).unwrap());
        let mut frame = self.decoded.entry(key).or_insert_with(decode).1.clone();
        let Some(mutant) = self.mutant else { return self.frame(index, frame, confirmed_until) };
        if mutant.loses(&mut frame, &self.devices[self.connections[index].device], &self.random) {
            return;
        }
        if mutant == Mutant::DeltaAfterHeartbeat {
            match self.delayed_frames.remove(&index) {
                Some((delayed, then)) => {
                    self.frame(index, frame, confirmed_until);
                    return self.frame(index, delayed, then);
                }
                None if matches!(frame, ServerFrame::Delta { .. }) && self.random.chance(1, 10) => {
                    self.delayed_frames.insert(index, (frame, confirmed_until));
                    return;
                }
                None => {}
            }
        }
        self.frame(index, frame, confirmed_until);
    }

    fn frame(&mut self, index: usize, frame: ServerFrame, confirmed_until: i64) {
        let (now, random) = (self.now(), self.random.fraction());
        let connection = &self.connections[index];
        let (device, generation, is_open) = (connection.device, connection.generation, !connection.closed_by_client);
        let (kind, number) = name(&frame);
        self.note(kind, device, number);
        self.count(device, &frame);
        let entry = &mut self.devices[device];
        match frame {
            ServerFrame::Bye { .. } if is_open => entry.bye_at = now,
            ServerFrame::Denied { .. } => {
                self.violation.get_or_insert(format!("device {device} is denied a topic that it may read"));
            }
            _ => {}
        }
        if is_open {
            entry.receive(confirmed_until, now);
        }
        let changed = match &frame {
            ServerFrame::Delta { topic, .. } => Some(topic.clone()),
            _ => None,
        };
        let before = changed.as_ref().and_then(|topic| entry.position(topic));
        let actions = entry.client.frame(generation, frame, now, random);
        let after = changed.as_ref().and_then(|topic| entry.position(topic));
        if let (Some(before), Some(after)) = (before, after)
            && after != before
            && (after.epoch, after.seq) != (before.epoch, before.seq + 1)
        {
            self.violation.get_or_insert(format!("device {device} went from {before:?} to {after:?} by one change"));
        }
        self.carry_out(device, actions);
    }

    /// Counts snapshots that replaced too many changes. The topic of an order may have been created again instead.
    fn count(&mut self, device: usize, frame: &ServerFrame) {
        let entry = &self.devices[device];
        let ServerFrame::Snapshot { topic: topic @ Topic::Queue, epoch, seq, .. } = frame else { return };
        let known = entry.position(topic).filter(|known| known.epoch == *epoch);
        if known.is_some_and(|known| known.seq + (RETAINED_CHANGES as u64) < *seq) {
            match entry.client.status() {
                ConnectionStatus::Live => self.situations.overrun += 1,
                _ => self.situations.resumed_too_late += 1,
            }
        }
    }

    /// Carries out the actions of a page.
    pub(super) fn carry_out(&mut self, device: usize, actions: Vec<Action>) {
        for act in actions {
            match act {
                Action::Open { generation } => {
                    self.disconnect(device);
                    self.note("connect", device, u64::from(generation));
                    self.connect(device, generation);
                }
                Action::Close => self.disconnect(device),
                Action::Send(frame) => {
                    if let Some(connection) = self.devices[device].connection {
                        let text = serde_json::to_string(&frame).unwrap();
                        self.send(connection, Direction::ToServer, Packet::Message(Message::Text(text.into())));
                    }
                }
                Action::Retry { generation, millis } => {
                    self.note("retry", device, millis.cast_unsigned());
                    let entry = &mut self.devices[device];
                    entry.timer += 1;
                    let (page, timer) = (entry.page, entry.timer);
                    self.after(millis, Event::Retry { device, page, timer, generation });
                }
                Action::Poll => self.poll(device),
                Action::Show(topic, state) => self.show(device, topic, state),
                Action::SetStatus(status) => {
                    let number = match status {
                        ConnectionStatus::Connecting => 0,
                        ConnectionStatus::Live => 1,
                        ConnectionStatus::Polling => 2,
                        ConnectionStatus::Stale { .. } => 3,
                    };
                    self.note("status", device, number);
                }
                // The page that the server would render.
                Action::CheckVersion => {}
                Action::Reload => {
                    self.disconnect(device);
                    let millis = self.random.between(100, 1_000);
                    self.request_page(device, millis);
                }
            }
        }
        self.check(device);
    }

    fn show(&mut self, device: usize, topic: Topic, state: TopicState) {
        let shown = self.devices[device].show(topic, state, &self.backend.history.lock().unwrap());
        if let Err(error) = shown {
            self.violation.get_or_insert(format!("device {device}: {error}"));
        }
    }

    /// The page closes its connection.
    pub(super) fn disconnect(&mut self, device: usize) {
        if let Some(connection) = self.devices[device].connection.take()
            && !std::mem::replace(&mut self.connections[connection].closed_by_client, true)
        {
            self.send(connection, Direction::ToServer, Packet::End);
        }
    }

    fn check(&mut self, device: usize) {
        if self.violation.is_none() && !self.asleep(device) {
            let now = self.now();
            let checked = self.devices[device].check(&self.backend.history.lock().unwrap(), now);
            self.violation = checked.err().map(|error| format!("device {device}: {error}"));
        }
    }
}

/// A frame for the trace.
const fn name(frame: &ServerFrame) -> (&'static str, u64) {
    match frame {
        ServerFrame::Snapshot { seq, .. } => ("snapshot", *seq),
        ServerFrame::Resumed { seq, .. } => ("resumed", *seq),
        ServerFrame::Delta { seq, .. } => ("delta", *seq),
        ServerFrame::Heartbeat { .. } => ("heartbeat", 0),
        ServerFrame::Denied { .. } => ("denied", 0),
        ServerFrame::Bye { retry_in_ms } => ("bye", *retry_in_ms as u64),
    }
}
