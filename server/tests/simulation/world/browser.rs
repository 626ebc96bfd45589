//! The devices: processes frames and time, and does what the page decides, as a browser does.

use app::live::{ConnectionStatus, client::Action};
use axum::extract::ws::{Message, Utf8Bytes};
use domain::live::{ServerFrame, Topic, TopicState};

use super::{
    World,
    network::{Packet, Way},
    schedule::Event,
};
use crate::{live::RETAINED_CHANGES, simulation::mutant::Mutant};

impl World {
    pub(super) fn asleep(&self, device: usize) -> bool {
        self.devices[device].asleep_until > self.now()
    }

    pub(super) fn tick(&mut self, device: usize) {
        self.after(1_000, Event::Tick { device });
        if self.asleep(device) || self.mutant == Some(Mutant::NeverLooksAtTheClock) {
            return self.check(device);
        }
        let (now, random) = (self.now(), self.random.fraction());
        let acts = self.devices[device].client.tick(now, random);
        self.carry_out(device, acts);
    }

    pub(super) fn retry(&mut self, device: usize, page: u64, timer: u64, generation: u32) {
        let (now, of) = (self.now(), &mut self.devices[device]);
        if of.page != page || of.timer != timer {
            return;
        }
        if of.asleep_until > now {
            let wakes = of.asleep_until;
            return self.schedule.at(wakes, Event::Retry { device, page, timer, generation });
        }
        let acts = of.client.retry(generation, now);
        self.carry_out(device, acts);
    }

    /// The system reports that a connection is lost.
    pub(super) fn broken(&mut self, at: usize) {
        let device = self.lines[at].device;
        if self.asleep(device) {
            let wakes = self.devices[device].asleep_until;
            return self.schedule.at(wakes, Event::Broken { line: at });
        }
        self.lines[at].forgotten = true;
        self.closed(at);
    }

    fn closed(&mut self, at: usize) {
        let (now, random) = (self.now(), self.random.fraction());
        let line = &mut self.lines[at];
        let (device, generation) = (line.device, line.generation);
        let of = &mut self.devices[device];
        if std::mem::replace(&mut line.client_gone, true) || line.page != of.page {
            return;
        }
        let acts = of.client.closed(generation, now, random);
        self.carry_out(device, acts);
    }

    pub(super) fn at_client(&mut self, at: usize, packet: Packet, true_at: i64) {
        let now = self.now();
        let line = &self.lines[at];
        let (device, generation) = (line.device, line.generation);
        if line.page != self.devices[device].page {
            return;
        }
        match packet {
            Packet::Opened => {
                let acts = self.devices[device].client.opened(generation, now);
                self.carry_out(device, acts);
            }
            Packet::End | Packet::Refused => self.closed(at),
            Packet::Message(message) => {
                if let Some(wire) = &line.wire {
                    wire.lock().unwrap().make_room();
                }
                // A browser delivers nothing from a socket that the page has closed. If it did, nothing would change.
                if line.client_gone && !self.random.chance(1, 4) {
                    return;
                }
                match message {
                    Message::Text(text) => self.text(at, text, true_at),
                    Message::Ping(payload) => self.send(at, Way::ToServer, Packet::Message(Message::Pong(payload))),
                    Message::Close(_) => {
                        self.send(at, Way::ToServer, Packet::End);
                        self.closed(at);
                    }
                    Message::Binary(_) | Message::Pong(_) => {}
                }
            }
            Packet::Open => {}
        }
    }

    fn text(&mut self, at: usize, text: Utf8Bytes, true_at: i64) {
        let key = (text.as_str().as_ptr() as usize, text.len());
        let decode = || (text.clone(), serde_json::from_str::<ServerFrame>(&text).unwrap());
        let mut frame = self.decoded.entry(key).or_insert_with(decode).1.clone();
        let Some(mutant) = self.mutant else { return self.frame(at, frame, true_at) };
        if mutant.loses(&mut frame, &self.devices[self.lines[at].device], &self.random) {
            return;
        }
        if mutant == Mutant::AHeartbeatOvertakes {
            match self.overtaken.remove(&at) {
                Some((late, then)) => {
                    self.frame(at, frame, true_at);
                    return self.frame(at, late, then);
                }
                None if matches!(frame, ServerFrame::Delta { .. }) && self.random.chance(1, 10) => {
                    self.overtaken.insert(at, (frame, true_at));
                    return;
                }
                None => {}
            }
        }
        self.frame(at, frame, true_at);
    }

    fn frame(&mut self, at: usize, frame: ServerFrame, true_at: i64) {
        let (now, random) = (self.now(), self.random.fraction());
        let line = &self.lines[at];
        let (device, generation, present) = (line.device, line.generation, !line.client_gone);
        let (kind, number) = name(&frame);
        self.note(kind, device, number);
        self.count(device, &frame);
        let of = &mut self.devices[device];
        match frame {
            ServerFrame::Bye { .. } if present => of.sent_away_at = now,
            ServerFrame::Denied { .. } => {
                self.wrong.get_or_insert(format!("device {device} is denied what it may read"));
            }
            _ => {}
        }
        if present {
            of.receive(true_at, now);
        }
        let changed = match &frame {
            ServerFrame::Delta { topic, .. } => Some(topic.clone()),
            _ => None,
        };
        let before = changed.as_ref().and_then(|topic| of.position(topic));
        let acts = of.client.frame(generation, frame, now, random);
        let after = changed.as_ref().and_then(|topic| of.position(topic));
        if let (Some(before), Some(after)) = (before, after)
            && after != before
            && (after.epoch, after.seq) != (before.epoch, before.seq + 1)
        {
            self.wrong.get_or_insert(format!("device {device} went from {before:?} to {after:?} by one change"));
        }
        self.carry_out(device, acts);
    }

    /// Counts snapshots that replaced too many changes. The topic of an order may have been created again instead.
    fn count(&mut self, device: usize, frame: &ServerFrame) {
        let of = &self.devices[device];
        let ServerFrame::Snapshot { topic: topic @ Topic::Queue, epoch, seq, .. } = frame else { return };
        let known = of.position(topic).filter(|known| known.epoch == *epoch);
        if known.is_some_and(|known| known.seq + (RETAINED_CHANGES as u64) < *seq) {
            match of.client.status() {
                ConnectionStatus::Live => self.seen.overrun += 1,
                _ => self.seen.came_back_too_late += 1,
            }
        }
    }

    /// Does what a page has decided.
    pub(super) fn carry_out(&mut self, device: usize, acts: Vec<Action>) {
        for act in acts {
            match act {
                Action::Open { generation } => {
                    self.let_go(device);
                    self.note("dial", device, u64::from(generation));
                    self.dial(device, generation);
                }
                Action::Close => self.let_go(device),
                Action::Send(frame) => {
                    if let Some(line) = self.devices[device].line {
                        let text = serde_json::to_string(&frame).unwrap();
                        self.send(line, Way::ToServer, Packet::Message(Message::Text(text.into())));
                    }
                }
                Action::Retry { generation, millis } => {
                    self.note("retry", device, millis.cast_unsigned());
                    let of = &mut self.devices[device];
                    of.timer += 1;
                    let (page, timer) = (of.page, of.timer);
                    self.after(millis, Event::Retry { device, page, timer, generation });
                }
                Action::Poll => self.poll(device),
                Action::Show(topic, state) => self.show(device, topic, state),
                Action::SetStatus(line) => {
                    let number = match line {
                        ConnectionStatus::Connecting => 0,
                        ConnectionStatus::Live => 1,
                        ConnectionStatus::Polling => 2,
                        ConnectionStatus::Stale { .. } => 3,
                    };
                    self.note("tell", device, number);
                }
                // The page that the server would render.
                Action::CheckVersion => {}
                Action::Reload => {
                    self.let_go(device);
                    let millis = self.random.between(100, 1_000);
                    self.ask_for_page(device, millis);
                }
            }
        }
        self.check(device);
    }

    fn show(&mut self, device: usize, topic: Topic, state: TopicState) {
        let shown = self.devices[device].show(topic, state, &self.backend.history.lock().unwrap());
        if let Err(error) = shown {
            self.wrong.get_or_insert(format!("device {device}: {error}"));
        }
    }

    /// The page closes its connection.
    pub(super) fn let_go(&mut self, device: usize) {
        if let Some(line) = self.devices[device].line.take()
            && !std::mem::replace(&mut self.lines[line].client_gone, true)
        {
            self.send(line, Way::ToServer, Packet::End);
        }
    }

    fn check(&mut self, device: usize) {
        if self.wrong.is_none() && !self.asleep(device) {
            let now = self.now();
            let checked = self.devices[device].check(&self.backend.history.lock().unwrap(), now);
            self.wrong = checked.err().map(|error| format!("device {device}: {error}"));
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
