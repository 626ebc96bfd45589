//! The backend, its clients, and the network between them.

mod browser;
mod faults;
mod network;
mod orders;
mod recovery;
mod requests;
mod schedule;
mod server;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fmt,
    ops::AddAssign,
};

use axum::extract::ws::Utf8Bytes;
use domain::live::{ServerFrame, Topic};

use self::{
    network::Connection,
    orders::CHANGES,
    schedule::{Event, Schedule},
};
use super::{
    backend::SimulatedBackend,
    clock::{MORNING, SimulatedClock},
    device::Device,
    executor::Executor,
    mutant::Mutant,
    random::Random,
    trace::Trace,
    wire::ChangedConnections,
};

/// The size of a simulation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) devices: usize,
    /// For how long faults occur, in milliseconds.
    pub(super) faults_millis: i64,
}

/// How often each situation has occurred.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Situations {
    /// A connected client got a snapshot instead of more changes than are kept.
    pub(super) overrun: u64,
    /// A client that resumed got a snapshot, because its position was too old.
    pub(super) resumed_too_late: u64,
    /// The server's send buffer was full, because a client did not read.
    pub(super) blocked: u64,
    /// A client got `bye` shortly before the faults ended, or after.
    pub(super) late_bye: u64,
}

impl Situations {
    /// Whether each has occurred.
    pub(super) const fn is_enough(&self) -> bool {
        self.overrun > 0 && self.resumed_too_late > 0 && self.blocked > 0 && self.late_bye > 0
    }
}

impl fmt::Display for Situations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { overrun, resumed_too_late, blocked, late_bye } = self;
        write!(f, "{overrun} overrun, {resumed_too_late} resumed too late, {blocked} blocked, {late_bye} late bye")
    }
}

impl AddAssign for Situations {
    fn add_assign(&mut self, other: Self) {
        self.overrun += other.overrun;
        self.resumed_too_late += other.resumed_too_late;
        self.blocked += other.blocked;
        self.late_bye += other.late_bye;
    }
}

pub(super) struct World {
    size: Size,
    mutant: Option<Mutant>,
    clock: SimulatedClock,
    random: Random,
    schedule: Schedule,
    executor: Executor,
    backend: SimulatedBackend,
    devices: Vec<Device>,
    connections: Vec<Connection>,
    /// Connections whose server end has sent, is blocked, or is closed.
    changed_connections: ChangedConnections,
    /// Every frame is decoded once for all devices.
    decoded: HashMap<(usize, usize), (Utf8Bytes, ServerFrame)>,
    /// Frames that a defect delays, with the time until which they confirm changes.
    delayed_frames: HashMap<usize, (ServerFrame, i64)>,
    /// Requests that the network of a device holds back.
    held_requests: VecDeque<(usize, u64, i64)>,
    pending_polls: BTreeSet<(usize, i64)>,
    faults_ended: bool,
    trace: Trace,
    situations: Situations,
    violation: Option<String>,
}

impl World {
    pub(super) fn new(seed: u64, size: Size, mutant: Option<Mutant>) -> Self {
        let clock = SimulatedClock::new();
        let backend = SimulatedBackend::new(seed, &clock);
        let mut world = Self {
            size,
            mutant,
            random: Random::new(seed),
            schedule: Schedule::default(),
            executor: Executor::default(),
            backend,
            devices: Vec::new(),
            connections: Vec::new(),
            changed_connections: ChangedConnections::default(),
            decoded: HashMap::new(),
            delayed_frames: HashMap::new(),
            held_requests: VecDeque::new(),
            pending_polls: BTreeSet::new(),
            faults_ended: false,
            trace: Trace::default(),
            situations: Situations::default(),
            violation: None,
            clock,
        };
        world.set_up();
        world
    }

    /// Creates displays, tablets, phones with an order and phones that show only the menu, and schedules the first events.
    fn set_up(&mut self) {
        for number in 0..self.size.devices {
            let topics = match number % 20 {
                0 => vec![Topic::Board, Topic::Shop],
                1 => vec![Topic::Queue, Topic::Shop],
                2..=8 => {
                    let order = self.backend.create_order(&self.random);
                    let at = self.random.between(0, self.size.faults_millis / 2);
                    self.after(at, Event::OrderChanges { order: order.clone(), left: CHANGES });
                    vec![Topic::Shop, Topic::Order(order)]
                }
                9 => vec![Topic::Shop, Topic::Order(self.backend.create_ended_order(&self.random))],
                _ => vec![Topic::Shop],
            };
            let device = self.devices.len();
            self.devices.push(Device::new(topics, MORNING));
            let (load, tick) = (self.random.between(0, 3_000), self.random.between(0, 999));
            self.request_page(device, load);
            self.after(tick, Event::Tick { device });
        }
        self.after(500, Event::Fault);
        self.after(5_000, Event::Upkeep);
        let burst = self.random.between(self.size.faults_millis / 3, self.size.faults_millis * 2 / 3);
        self.after(burst, Event::BurstStarts);
        // In some simulations the server restarts just before the faults end.
        if self.random.chance(1, 3) {
            let before = self.random.between(100, 2_500);
            let downtime = self.random.between(100, before);
            self.after(self.size.faults_millis - before, Event::Restart { graceful: true, downtime });
        }
    }

    fn now(&self) -> i64 {
        self.clock.millis()
    }

    fn after(&mut self, millis: i64, event: Event) {
        self.schedule.at(self.clock.millis() + millis, event);
    }

    fn note(&mut self, what: &str, who: usize, number: u64) {
        self.trace.note(self.clock.millis(), what, who as u64, number);
    }

    /// Runs the faults and the recovery. Returns a hash of everything that happened, and the situations that occurred.
    ///
    /// # Errors
    /// The invariant that did not hold.
    pub(super) fn run(mut self) -> Result<(u64, Situations), String> {
        self.until(MORNING + self.size.faults_millis)?;
        self.recover()?;
        Ok((self.trace.hash(), self.situations))
    }

    fn until(&mut self, end: i64) -> Result<(), String> {
        loop {
            self.run_server();
            if let Some(violation) = self.violation.take().or_else(|| self.backend.history.lock().unwrap().violation())
            {
                return Err(format!("{} ms: {violation}", self.now() - MORNING));
            }
            let event = self.schedule.next();
            let Some(next) = event.into_iter().chain(self.clock.next()).min().filter(|next| *next <= end) else {
                self.clock.advance_to(end);
                return Ok(());
            };
            self.clock.advance_to(next);
            if event == Some(next)
                && let Some(event) = self.schedule.take()
            {
                self.handle(event);
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Tick { device } => self.tick(device),
            Event::Retry { device, page, timer, generation } => self.retry(device, page, timer, generation),
            Event::PacketArrives { connection, direction } => self.deliver(connection, direction),
            Event::ConnectionLost { connection } => self.connection_lost(connection),
            Event::PollArrives { device, page, at } => self.answer_poll(device, page, at),
            Event::PollAnswered { device, page, at, snapshots } => self.poll_answered(device, page, at, snapshots),
            Event::PollFailed { device, page, at } => self.poll_failed(device, page, at),
            Event::PageLoaded { device, page, snapshots } => self.page_loaded(device, page, snapshots),
            Event::DeviceWakes { device } => self.wake(device),
            Event::PageVisible { device } => self.page_becomes_visible(device),
            Event::ReadingResumes { device } => self.resume_reading(device),
            Event::NetworkUp { device } => self.network_up(device),
            Event::OrderPublished { versioned } => self.backend.publish(&versioned),
            Event::OrderChanges { order, left } => self.change_order(order, left),
            Event::BurstStarts => self.start_burst(),
            Event::Burst { order, left } => self.burst(order, left),
            Event::Restart { graceful, downtime } => self.restart(graceful, downtime),
            Event::ServerStarts => self.start_server(),
            Event::ProcessExits { instance } => self.process_exited(instance),
            Event::Fault => self.fault(),
            Event::Upkeep => {
                self.backend.expire();
                if !self.faults_ended {
                    self.after(5_000, Event::Upkeep);
                }
            }
        }
    }
}
