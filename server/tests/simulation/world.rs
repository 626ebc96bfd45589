//! The bar, its readers, and the network between them.
//!
//! A connection keeps the order of what it carries, as TCP does, and connections know nothing of each other. A path that
//! is dark holds what is sent, and delivers it within a second after it is whole again. What is refused or reset is
//! refused and reset as a network does it: perhaps at one end only.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use app::{
    live::{Line as Shown, session::Act},
    reads::Snapshot,
};
use axum::extract::ws::{Message, Utf8Bytes};
use domain::{
    Order, OrderId,
    live::{ClientFrame, ServerFrame, Topic},
};

use super::{
    bar::Bar,
    clock::{Hours, MORNING},
    device::Device,
    dice::Dice,
    mutant::Mutant,
    tasks::Tasks,
    trace::Trace,
    wire::{Ends, ServerEnd, Wire},
};
use crate::live::serve;

/// What has happened is the screens' at the latest so long after everything is whole.
const WHOLE_MILLIS: i64 = 3_000;
/// And so long after it every screen is live again: 15 seconds between tries, and what a try takes.
const LIVE_MILLIS: i64 = 20_000;
/// A request that has not been answered for so long is given up by the page.
const POLL_LIMIT_MILLIS: i64 = 4_000;
/// After a path is whole again, what it held comes within.
const RESEND_MILLIS: i64 = 1_000;

/// How large and how long it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) devices: usize,
    /// How long things go wrong, in milliseconds.
    pub(super) trouble: i64,
}

/// Something that happens at its time.
#[derive(Debug)]
enum Event {
    Tick { device: usize },
    Retry { device: usize, page: u64, timer: u64, generation: u32 },
    ToServer { line: usize, packet: Packet },
    ToClient { line: usize, packet: Packet, sent: i64 },
    Asked { device: usize, page: u64, at: i64 },
    Answered { device: usize, page: u64, at: i64, snapshots: Vec<Snapshot> },
    Unanswered { device: usize, page: u64, at: i64 },
    Loaded { device: usize, page: u64, snapshots: Vec<Snapshot> },
    Wake { device: usize },
    Whole { device: usize },
    Told { news: Box<(Order, u64)> },
    Act { order: OrderId, left: u32 },
    Open,
    Dead { life: u64 },
    Trouble,
    Upkeep,
}

/// What travels on a connection.
#[derive(Debug, Clone)]
enum Packet {
    Open,
    Opened,
    Message(Message),
    End,
    Reset,
}

struct Line {
    device: usize,
    page: u64,
    generation: u32,
    wire: Option<Wire>,
    task: Option<usize>,
    life: u64,
    to_server_at: i64,
    to_client_at: i64,
    /// What waits for a path that is dark, or for a device that sleeps.
    held: VecDeque<(bool, Packet, i64)>,
    /// Nothing passes any more, and nobody is told.
    forgotten: bool,
    client_gone: bool,
    ended: bool,
}

pub(super) struct World {
    size: Size,
    mutant: Option<Mutant>,
    hours: Hours,
    dice: Dice,
    events: BTreeMap<(i64, u64), Event>,
    scheduled: u64,
    tasks: Tasks,
    pub(super) bar: Bar,
    devices: Vec<Device>,
    lines: Vec<Line>,
    /// Lines whose server has something to say, or may have let go.
    open: Vec<usize>,
    /// Every frame is decoded once, however many devices read it.
    decoded: HashMap<(usize, usize), (Utf8Bytes, ServerFrame)>,
    /// Polls that wait for the device's path.
    asking: VecDeque<(usize, u64, i64)>,
    answered: HashMap<(usize, i64), ()>,
    calm: bool,
    pub(super) trace: Trace,
    wrong: Option<String>,
}

impl World {
    pub(super) fn new(seed: u64, size: Size, mutant: Option<Mutant>) -> Self {
        let hours = Hours::new();
        let bar = Bar::new(seed, &hours);
        let mut world = Self {
            size,
            mutant,
            dice: Dice::new(seed),
            events: BTreeMap::new(),
            scheduled: 0,
            tasks: Tasks::default(),
            bar,
            devices: Vec::new(),
            lines: Vec::new(),
            open: Vec::new(),
            decoded: HashMap::new(),
            asking: VecDeque::new(),
            answered: HashMap::new(),
            calm: false,
            trace: Trace::default(),
            wrong: None,
            hours,
        };
        world.furnish();
        world
    }

    /// Some walls, some tablets, phones with an order, and phones that only look at the menu.
    fn furnish(&mut self) {
        for number in 0..self.size.devices {
            let topics = match number % 20 {
                0 => vec![Topic::Board, Topic::Shop],
                1 | 2 => vec![Topic::Queue, Topic::Shop],
                3..=12 => {
                    let order = self.bar.place(&self.dice);
                    let at = self.dice.between(0, self.size.trouble / 2);
                    self.after(at, Event::Act { order: order.clone(), left: 12 });
                    vec![Topic::Shop, Topic::Order(order)]
                }
                _ => vec![Topic::Shop],
            };
            let device = self.devices.len();
            self.devices.push(Device::new(topics, MORNING));
            let (load, tick) = (self.dice.between(0, 3_000), self.dice.between(0, 999));
            self.ask_for_page(device, load);
            self.after(tick, Event::Tick { device });
        }
        self.after(500, Event::Trouble);
        self.after(5_000, Event::Upkeep);
    }

    fn now(&self) -> i64 {
        self.hours.millis()
    }

    fn after(&mut self, millis: i64, event: Event) {
        self.scheduled += 1;
        let at = self.now() + millis;
        self.events.insert((at, self.scheduled), event);
    }

    fn at(&mut self, at: i64, event: Event) {
        self.scheduled += 1;
        self.events.insert((at, self.scheduled), event);
    }

    /// Lives through the trouble and the calm after it; the hash of all that happened.
    ///
    /// What was promised and did not hold is the error.
    pub(super) fn live(mut self) -> Result<u64, String> {
        let calm = MORNING + self.size.trouble;
        self.until(calm)?;
        self.calm_down();
        self.until(calm + WHOLE_MILLIS)?;
        // Whom the server has asked to come back later is not asked to be there now.
        self.equal(|device| device.sent_away_at < calm - WHOLE_MILLIS)?;
        self.bar.balance()?;
        self.until(calm + LIVE_MILLIS)?;
        self.equal(|_| true)?;
        match self.devices.iter().position(|device| device.session.line() != Shown::Live) {
            Some(device) => {
                Err(format!("device {device} is not live again, but {:?}", self.devices[device].session.line()))
            }
            None => Ok(self.trace.hash()),
        }
    }

    fn until(&mut self, end: i64) -> Result<(), String> {
        loop {
            self.settle();
            if let Some(wrong) = self.wrong.take().or_else(|| self.bar.truth.lock().unwrap().wrong()) {
                return Err(format!("{} ms: {wrong}", self.now() - MORNING));
            }
            let event = self.events.first_key_value().map(|((at, _), _)| *at);
            let Some(next) = event.into_iter().chain(self.hours.next()).min().filter(|next| *next <= end) else {
                self.hours.turn(end);
                return Ok(());
            };
            self.hours.turn(next);
            if event == Some(next)
                && let Some((_, event)) = self.events.pop_first()
            {
                self.happen(event);
            }
        }
    }

    /// Runs the server, and takes what it says onto the network.
    fn settle(&mut self) {
        loop {
            self.tasks.run();
            let mut said = Vec::new();
            self.open.retain(|&at| {
                let line = &mut self.lines[at];
                let Some(wire) = &line.wire else { return false };
                let mut ends = wire.lock().unwrap();
                said.extend(ends.said.drain(..).map(|message| (at, Packet::Message(message))));
                if ends.dropped && !line.ended {
                    line.ended = true;
                    said.push((at, Packet::End));
                }
                !line.ended
            });
            if said.is_empty() {
                return;
            }
            for (line, packet) in said {
                self.send(line, false, packet);
            }
        }
    }

    // ------------------------------------------------------------------------------------------------- the network

    /// Puts something onto a connection.
    fn send(&mut self, line: usize, to_server: bool, packet: Packet) {
        let now = self.now();
        self.send_since(line, to_server, packet, now);
    }

    fn send_since(&mut self, at: usize, to_server: bool, packet: Packet, sent: i64) {
        let delay = match self.dice.below(20) {
            0 => self.dice.between(50, 300),
            _ => self.dice.between(1, 50),
        };
        let now = self.now();
        let line = &mut self.lines[at];
        if line.forgotten {
            return;
        }
        if self.devices[line.device].dark {
            line.held.push_back((to_server, packet, sent));
            return;
        }
        let last = if to_server { &mut line.to_server_at } else { &mut line.to_client_at };
        let arrives = (now + delay).max(*last);
        *last = arrives;
        let event =
            if to_server { Event::ToServer { line: at, packet } } else { Event::ToClient { line: at, packet, sent } };
        self.at(arrives, event);
    }

    /// Ends a connection at the ends that notice it.
    fn reset(&mut self, at: usize, at_server: bool, at_client: bool) {
        let line = &mut self.lines[at];
        line.forgotten = true;
        line.held.clear();
        if let Some(wire) = line.wire.as_ref().filter(|_| at_server) {
            wire.lock().unwrap().reset();
        }
        if at_client {
            let sent = self.now();
            self.after(1, Event::ToClient { line: at, packet: Packet::Reset, sent });
        }
    }

    fn lines_of(&self, device: usize) -> Vec<usize> {
        (0..self.lines.len()).filter(|&at| self.lines[at].device == device && !self.lines[at].forgotten).collect()
    }

    /// What was held goes on, in its order.
    fn release(&mut self, device: usize, within: i64) {
        for at in self.lines_of(device) {
            let wait = self.dice.between(0, within.max(1));
            let again = self.now() + wait;
            let held = std::mem::take(&mut self.lines[at].held);
            let line = &mut self.lines[at];
            line.to_server_at = line.to_server_at.max(again);
            line.to_client_at = line.to_client_at.max(again);
            for (to_server, packet, sent) in held {
                self.send_since(at, to_server, packet, sent);
            }
        }
        let asking = std::mem::take(&mut self.asking);
        for (who, page, at) in asking {
            if who == device {
                let delay = self.dice.between(1, RESEND_MILLIS);
                self.after(delay, Event::Asked { device, page, at });
            } else {
                self.asking.push_back((who, page, at));
            }
        }
    }

    // ---------------------------------------------------------------------------------------------------- the events

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick { device } => self.tick(device),
            Event::Retry { device, page, timer, generation } => self.retry(device, page, timer, generation),
            Event::ToServer { line, packet } => self.at_server(line, packet),
            Event::ToClient { line, packet, sent } => self.at_client(line, packet, sent),
            Event::Asked { device, page, at } => self.asked(device, page, at),
            Event::Answered { device, page, at, snapshots } => {
                if self.answered.remove(&(device, at)).is_some() && self.devices[device].page == page {
                    let (now, random) = (self.now(), self.dice.fraction());
                    self.trace.note(now, "answer", device as u64, at as u64);
                    let acts = self.devices[device].session.polled(snapshots, at, now, random);
                    self.carry_out(device, acts);
                }
            }
            Event::Unanswered { device, page, at } => {
                if self.answered.remove(&(device, at)).is_some() && self.devices[device].page == page {
                    self.devices[device].session.unreached();
                }
            }
            Event::Loaded { device, page, snapshots } => self.loaded(device, page, snapshots),
            Event::Wake { device } => self.wake(device),
            Event::Whole { device } => self.whole(device),
            Event::Told { news } => self.bar.tell(&news),
            Event::Act { order, left } => self.act(order, left),
            Event::Open => {
                if self.bar.life.is_none() {
                    self.bar.open();
                    let now = self.now();
                    self.trace.note(now, "open", 0, 0);
                }
            }
            Event::Dead { life } => self.dead(life),
            Event::Trouble => self.trouble(),
            Event::Upkeep => {
                self.bar.expire();
                if !self.calm {
                    self.after(5_000, Event::Upkeep);
                }
            }
        }
    }

    fn asleep(&self, device: usize) -> bool {
        self.devices[device].asleep_until > self.now()
    }

    fn tick(&mut self, device: usize) {
        self.after(1_000, Event::Tick { device });
        if self.asleep(device) || self.mutant == Some(Mutant::NeverLooksAtTheClock) {
            return self.check(device);
        }
        let (now, random) = (self.now(), self.dice.fraction());
        let acts = self.devices[device].session.tick(now, random);
        self.carry_out(device, acts);
    }

    fn retry(&mut self, device: usize, page: u64, timer: u64, generation: u32) {
        let (now, of) = (self.now(), &mut self.devices[device]);
        if of.page != page || of.timer != timer {
            return;
        }
        if of.asleep_until > now {
            let later = of.asleep_until - now;
            return self.after(later, Event::Retry { device, page, timer, generation });
        }
        let acts = of.session.retry(generation, now);
        self.carry_out(device, acts);
    }

    fn at_server(&mut self, at: usize, packet: Packet) {
        let now = self.now();
        let line = &mut self.lines[at];
        if line.forgotten {
            return;
        }
        if self.devices[line.device].dark {
            return line.held.push_back((true, packet, now));
        }
        let life = self.bar.life.as_ref().map(|life| life.number);
        match packet {
            Packet::Open => match &self.bar.life {
                Some(life) if !life.stop.is_cancelled() => {
                    let wire = Arc::new(Mutex::new(Ends::default()));
                    let served = serve(ServerEnd(Arc::clone(&wire)), (), Arc::clone(&life.source), life.stop.clone());
                    let task = self.tasks.spawn(served);
                    (line.wire, line.task, line.life) = (Some(wire), Some(task), life.number);
                    self.open.push(at);
                    self.send(at, false, Packet::Opened);
                }
                _ => self.send(at, false, Packet::Reset),
            },
            Packet::Message(message) => {
                let message = match self.mutant {
                    Some(mutant) => mutant.to_server(message, life.and_then(|_| Some(self.bar.life.as_ref()?.epoch))),
                    None => message,
                };
                if let Some(wire) = &line.wire {
                    wire.lock().unwrap().hear(Some(message));
                }
            }
            Packet::End | Packet::Reset => {
                if let Some(wire) = &line.wire {
                    wire.lock().unwrap().hear(None);
                }
            }
            Packet::Opened => {}
        }
    }

    fn at_client(&mut self, at: usize, packet: Packet, sent: i64) {
        let now = self.now();
        let line = &mut self.lines[at];
        let (device, generation) = (line.device, line.generation);
        let of = &mut self.devices[device];
        let is_reset = matches!(packet, Packet::Reset);
        if line.page != of.page || (line.forgotten && !is_reset) {
            return;
        }
        // What a path holds waits for the path, what a device does not read for the device.
        if (of.dark || of.slow_until > now || of.asleep_until > now || !line.held.is_empty()) && !is_reset {
            return line.held.push_back((false, packet, sent));
        }
        if of.asleep_until > now {
            let later = of.asleep_until - now;
            return self.after(later, Event::ToClient { line: at, packet, sent });
        }
        let random = self.dice.fraction();
        let of = &mut self.devices[device];
        let line = &mut self.lines[at];
        let acts = match packet {
            Packet::Opened => of.session.opened(generation, now),
            Packet::End | Packet::Reset => {
                line.forgotten |= is_reset;
                let gone = std::mem::replace(&mut line.client_gone, true);
                if gone { Vec::new() } else { of.session.closed(generation, now, random) }
            }
            Packet::Message(message) => {
                if let Some(wire) = &line.wire {
                    wire.lock().unwrap().make_room();
                }
                // A browser hands nothing on from a socket that the page has closed. If it did, it would change nothing.
                if line.client_gone && !self.dice.chance(1, 4) {
                    return;
                }
                match message {
                    Message::Text(text) => return self.frame(at, text, sent),
                    Message::Ping(payload) => return self.send(at, true, Packet::Message(Message::Pong(payload))),
                    Message::Close(_) => {
                        let gone = std::mem::replace(&mut line.client_gone, true);
                        let acts = if gone { Vec::new() } else { of.session.closed(generation, now, random) };
                        self.send(at, true, Packet::End);
                        acts
                    }
                    Message::Binary(_) | Message::Pong(_) => return,
                }
            }
            Packet::Open => return,
        };
        self.carry_out(device, acts);
    }

    fn frame(&mut self, at: usize, text: Utf8Bytes, sent: i64) {
        let (now, random) = (self.now(), self.dice.fraction());
        let key = (text.as_str().as_ptr() as usize, text.len());
        let decode = || (text.clone(), serde_json::from_str::<ServerFrame>(&text).unwrap());
        let mut frame = self.decoded.entry(key).or_insert_with(decode).1.clone();
        let (device, generation, present) = {
            let line = &self.lines[at];
            (line.device, line.generation, !line.client_gone)
        };
        if let Some(mutant) = self.mutant
            && !mutant.to_client(&mut frame, &self.devices[device], &self.dice)
        {
            return;
        }
        let kind = match &frame {
            ServerFrame::Snapshot { .. } => "snapshot",
            ServerFrame::Resumed { .. } => "resumed",
            ServerFrame::Delta { .. } => "delta",
            ServerFrame::Heartbeat { .. } => "heartbeat",
            ServerFrame::Denied { .. } => "denied",
            ServerFrame::Bye { .. } => "bye",
        };
        let seq = match &frame {
            ServerFrame::Snapshot { seq, .. } | ServerFrame::Resumed { seq, .. } | ServerFrame::Delta { seq, .. } => {
                *seq
            }
            ServerFrame::Heartbeat { .. } | ServerFrame::Denied { .. } | ServerFrame::Bye { .. } => 0,
        };
        self.trace.note(now, kind, device as u64, seq);
        if matches!(frame, ServerFrame::Bye { .. }) {
            self.devices[device].sent_away_at = now;
        }
        if matches!(frame, ServerFrame::Denied { .. }) {
            self.wrong.get_or_insert(format!("device {device} is denied what it may read"));
        }
        let of = &mut self.devices[device];
        if present {
            of.hear(sent, now);
        }
        let changed = match &frame {
            ServerFrame::Delta { topic, .. } => Some(topic.clone()),
            _ => None,
        };
        let before = changed.as_ref().and_then(|topic| Some(of.session.replica(topic)?.position()));
        let acts = of.session.frame(generation, frame, now, random);
        let after = changed.as_ref().and_then(|topic| Some(of.session.replica(topic)?.position()));
        if let (Some(before), Some(after)) = (before, after)
            && after != before
            && (after.epoch, after.seq) != (before.epoch, before.seq + 1)
        {
            self.wrong.get_or_insert(format!("device {device} went from {before:?} to {after:?} by one change"));
        }
        self.carry_out(device, acts);
    }

    /// What a page decided is done as a browser does it.
    fn carry_out(&mut self, device: usize, acts: Vec<Act>) {
        for act in acts {
            let now = self.now();
            match act {
                Act::Open { generation } => {
                    self.let_go(device);
                    let page = self.devices[device].page;
                    self.devices[device].line = Some(self.lines.len());
                    self.lines.push(Line {
                        device,
                        page,
                        generation,
                        wire: None,
                        task: None,
                        life: 0,
                        to_server_at: 0,
                        to_client_at: 0,
                        held: VecDeque::new(),
                        forgotten: false,
                        client_gone: false,
                        ended: false,
                    });
                    self.trace.note(now, "dial", device as u64, u64::from(generation));
                    self.send(self.lines.len() - 1, true, Packet::Open);
                }
                Act::Close => self.let_go(device),
                Act::Send(frame) => {
                    if let Some(line) = self.devices[device].line {
                        let text = serde_json::to_string::<ClientFrame>(&frame).unwrap();
                        self.send(line, true, Packet::Message(Message::Text(text.into())));
                    }
                }
                Act::Retry { generation, millis } => {
                    let of = &mut self.devices[device];
                    of.timer += 1;
                    let (page, timer) = (of.page, of.timer);
                    self.after(millis, Event::Retry { device, page, timer, generation });
                }
                Act::Poll => self.poll(device),
                Act::Show(topic, state) => {
                    self.devices[device].screen.insert(topic, state);
                }
                Act::Tell(line) => {
                    let number = match line {
                        Shown::Starting => 0,
                        Shown::Live => 1,
                        Shown::Slow => 2,
                        Shown::Silent { .. } => 3,
                    };
                    self.trace.note(now, "tell", device as u64, number);
                }
                // The page is the one that the server would send.
                Act::Renew => {}
                Act::Reload => {
                    self.let_go(device);
                    let millis = self.dice.between(100, 1_000);
                    self.ask_for_page(device, millis);
                }
            }
        }
        self.check(device);
    }

    fn let_go(&mut self, device: usize) {
        if let Some(line) = self.devices[device].line.take()
            && !std::mem::replace(&mut self.lines[line].client_gone, true)
        {
            self.send(line, true, Packet::End);
        }
    }

    fn check(&mut self, device: usize) {
        if self.wrong.is_none() && !self.asleep(device) {
            let checked = self.devices[device].check(&self.bar.truth.lock().unwrap(), self.now());
            self.wrong = checked.err().map(|error| format!("device {device}: {error}"));
        }
    }

    // ------------------------------------------------------------------------------------------ pages and requests

    fn snapshots(&self, device: usize) -> Option<Vec<Snapshot>> {
        let topics = self.devices[device].topics.iter();
        topics
            .map(|topic| {
                let (state, position) = self.bar.topic(topic)?.now();
                Some(Snapshot { topic: topic.clone(), state, position })
            })
            .collect()
    }

    /// Loads the page anew.
    fn ask_for_page(&mut self, device: usize, millis: i64) {
        self.devices[device].page += 1;
        let page = self.devices[device].page;
        match self.snapshots(device) {
            Some(snapshots) => self.after(millis, Event::Loaded { device, page, snapshots }),
            // Somebody taps again.
            None => self.after(1_000, Event::Loaded { device, page, snapshots: Vec::new() }),
        }
    }

    fn loaded(&mut self, device: usize, page: u64, snapshots: Vec<Snapshot>) {
        if self.devices[device].page != page {
            return;
        }
        if snapshots.is_empty() {
            return self.ask_for_page(device, 300);
        }
        let now = self.now();
        self.devices[device].load(&snapshots, now);
        self.trace.note(now, "page", device as u64, page);
        for (id, snapshot) in (0..).zip(snapshots) {
            let acts = self.devices[device].session.watch(id, snapshot.topic.clone(), Some(snapshot), now);
            self.carry_out(device, acts);
        }
    }

    fn poll(&mut self, device: usize) {
        let (at, page) = (self.now(), self.devices[device].page);
        self.answered.insert((device, at), ());
        self.after(POLL_LIMIT_MILLIS, Event::Unanswered { device, page, at });
        if self.devices[device].dark {
            return self.asking.push_back((device, page, at));
        }
        let delay = self.dice.between(1, 200);
        self.after(delay, Event::Asked { device, page, at });
    }

    fn asked(&mut self, device: usize, page: u64, at: i64) {
        if self.devices[device].dark {
            return self.asking.push_back((device, page, at));
        }
        let delay = self.dice.between(1, 200);
        match self.snapshots(device) {
            Some(snapshots) => self.after(delay, Event::Answered { device, page, at, snapshots }),
            None => self.after(delay, Event::Unanswered { device, page, at }),
        }
    }

    // -------------------------------------------------------------------------------------------------- the trouble

    /// An order goes on, and the hub hears of it: at once, or by the feed, or twice, or late.
    fn act(&mut self, order: OrderId, left: u32) {
        let before = self.bar.read(&order);
        let changed = if left == 12 { self.bar.queue(&order) } else { self.bar.act(&order, &self.dice) };
        if let Some(after) = self.bar.read(&order).filter(|_| changed) {
            let late = match self.dice.below(10) {
                0..=6 => 0,
                _ => self.dice.between(0, 800),
            };
            if self.mutant != Some(Mutant::HubForgetsAChange) || !self.dice.chance(1, 20) {
                self.after(late, Event::Told { news: Box::new(after.clone()) });
            }
            if self.dice.chance(1, 5) {
                let later = self.dice.between(0, 3_000);
                self.after(later, Event::Told { news: Box::new(after) });
            }
            if let Some(before) = before.filter(|_| self.dice.chance(1, 10)) {
                let later = self.dice.between(0, 3_000);
                self.after(later, Event::Told { news: Box::new(before) });
            }
        }
        // An order that is over is recalled only now and then.
        let over = self.bar.read(&order).is_some_and(|(order, _)| order.ended().is_some());
        if left > 0 && !self.calm && (!over || self.dice.chance(1, 3)) {
            let pause = if over { self.dice.between(2_000, 25_000) } else { self.dice.between(100, 7_000) };
            if self.now() + pause < MORNING + self.size.trouble - 4_000 {
                self.after(pause, Event::Act { order, left: left - 1 });
            }
        }
    }

    /// Something goes wrong, and soon the next thing.
    fn trouble(&mut self) {
        let left = MORNING + self.size.trouble - self.now();
        let device = self.dice.place(self.devices.len());
        let now = self.now();
        let kind = self.dice.below(100);
        self.trace.note(now, "trouble", device as u64, kind);
        match kind {
            // A path is dark for a while. Most networks say when they are back.
            0..=24 => {
                let span = if self.dice.chance(1, 3) {
                    self.dice.between(200, 4_000)
                } else {
                    self.dice.between(1_000, 30_000)
                };
                self.devices[device].dark = true;
                self.after(span.min(left), Event::Whole { device });
            }
            // Connections are reset, at both ends or at one.
            25..=49 => {
                let (at_server, at_client) =
                    [(true, true), (true, true), (true, false), (false, true)][self.dice.place(4)];
                for line in self.lines_of(device) {
                    self.reset(line, at_server, at_client);
                }
            }
            // Something on the way forgets a connection and tells nobody.
            50..=56 => {
                for line in self.lines_of(device) {
                    self.reset(line, false, false);
                }
            }
            // A whole network goes.
            57..=60 => {
                let span = self.dice.between(500, 20_000).min(left);
                for device in (device..self.devices.len()).step_by(3) {
                    self.devices[device].dark = true;
                    self.after(span, Event::Whole { device });
                }
            }
            // Somebody does not read.
            61..=70 => self.devices[device].slow_until = now + self.dice.between(500, 20_000).min(left),
            // Somebody sleeps.
            71..=78 => {
                let span = self.dice.between(500, 40_000).min(left);
                self.devices[device].asleep_until = now + span;
                self.after(span, Event::Wake { device });
            }
            // Somebody loads the page anew.
            79..=86 => {
                self.let_go(device);
                let millis = self.dice.between(100, 3_000);
                self.ask_for_page(device, millis);
            }
            // The bar closes or opens.
            87..=91 => self.bar.turn_sign(),
            // An order goes to and fro more often than the ring is long.
            92..=93 => {
                let orders = self.bar.orders();
                if let Some(order) = orders.get(self.dice.place(orders.len().max(1))).cloned() {
                    let tablet = (1..self.devices.len()).step_by(20).next().unwrap_or(0);
                    self.devices[tablet].slow_until = now + 6_000_i64.min(left);
                    for _ in 0..300 {
                        if self.bar.act(&order, &self.dice)
                            && let Some(news) = self.bar.read(&order)
                        {
                            self.bar.tell(&news);
                        }
                    }
                }
            }
            // The server goes, in peace or not, and comes back.
            94..=97 if left > 8_000 => {
                if let Some(life) = self.bar.end() {
                    let down = self.dice.between(100, 3_000);
                    if self.dice.chance(1, 2) {
                        life.stop.cancel();
                        self.after(10_000.min(down + 2_000), Event::Dead { life: life.number });
                    } else {
                        self.dead(life.number);
                    }
                    self.after(down, Event::Open);
                }
            }
            _ => {}
        }
        let pause = self.dice.between(20, 1_200);
        if pause < left {
            self.after(pause, Event::Trouble);
        }
    }

    /// The process is gone, and its connections with it; some hear of it.
    fn dead(&mut self, life: u64) {
        for at in 0..self.lines.len() {
            let line = &self.lines[at];
            if line.life != life || line.ended {
                continue;
            }
            if let Some(task) = self.lines[at].task.take() {
                self.tasks.kill(task);
            }
            self.lines[at].ended = true;
            let heard = self.dice.chance(9, 10);
            self.reset(at, false, heard);
        }
    }

    fn whole(&mut self, device: usize) {
        if !std::mem::replace(&mut self.devices[device].dark, false) {
            return;
        }
        let now = self.now();
        self.trace.note(now, "whole", device as u64, 0);
        self.release(device, RESEND_MILLIS);
        // A browser is told when its own network is back, and not when another's is.
        if self.dice.chance(1, 2) && !self.asleep(device) {
            let acts = self.devices[device].session.wake(now);
            self.carry_out(device, acts);
        }
    }

    fn wake(&mut self, device: usize) {
        let now = self.now();
        self.devices[device].asleep_until = 0;
        self.trace.note(now, "wake", device as u64, 0);
        // Which comes first, what has waited or the news that somebody looks, no browser promises.
        let first = self.dice.chance(1, 2);
        if first {
            self.release(device, 1);
        }
        let acts = self.devices[device].session.wake(now);
        self.carry_out(device, acts);
        if !first && !self.devices[device].dark {
            self.release(device, 1);
        }
    }

    /// From now on everything is whole, and nothing more happens at the bar.
    fn calm_down(&mut self) {
        self.calm = true;
        if self.bar.life.is_none() {
            self.bar.open();
        }
        self.events.retain(|_, event| !matches!(event, Event::Act { .. } | Event::Trouble | Event::Told { .. }));
        let told: Vec<_> = self.bar.orders().iter().filter_map(|id| self.bar.read(id)).collect();
        if self.mutant != Some(Mutant::HubForgetsAChange) {
            // The feed brings whatever the hub has not heard of.
            for news in &told {
                self.bar.tell(news);
            }
        }
        for device in 0..self.devices.len() {
            self.whole(device);
            self.devices[device].slow_until = 0;
            if self.devices[device].asleep_until > 0 {
                self.wake(device);
            }
            self.release(device, RESEND_MILLIS);
        }
        // Whoever was forgotten on the way learns it by the first packet.
        for at in 0..self.lines.len() {
            let line = &self.lines[at];
            if line.forgotten && !line.client_gone {
                let sent = self.now();
                self.after(1, Event::ToClient { line: at, packet: Packet::Reset, sent });
            }
        }
    }

    fn equal(&self, who: impl Fn(&Device) -> bool) -> Result<(), String> {
        for (number, device) in self.devices.iter().enumerate().filter(|(_, device)| who(device)) {
            for topic in &device.topics {
                let (state, position) = self.bar.topic(topic).ok_or("the bar is closed")?.now();
                let shown = device.screen.get(topic);
                if shown != Some(&state) {
                    let (line, at) =
                        (device.session.line(), device.session.replica(topic).map(|known| known.position()));
                    return Err(format!(
                        "everything is whole, but device {number} ({line:?}, {at:?}) shows {shown:?} of {topic} in the place of \
                         {state:?} ({position:?})"
                    ));
                }
            }
        }
        Ok(())
    }
}
