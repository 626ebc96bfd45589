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
    network::Line,
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
    wire::Stirred,
};

/// The size of a simulation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) devices: usize,
    /// For how long faults occur, in milliseconds.
    pub(super) trouble: i64,
}

/// How often each situation has occurred.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// A connected client got a snapshot instead of more changes than are kept.
    pub(super) overrun: u64,
    /// A client that resumed got one.
    pub(super) came_back_too_late: u64,
    /// A client did not read what the server had to send.
    pub(super) stuck: u64,
    /// A client was asked to reconnect later shortly before the faults ended, or after.
    pub(super) sent_away_late: u64,
}

impl Seen {
    /// Whether each has occurred.
    pub(super) const fn is_enough(&self) -> bool {
        self.overrun > 0 && self.came_back_too_late > 0 && self.stuck > 0 && self.sent_away_late > 0
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { overrun, came_back_too_late, stuck, sent_away_late } = self;
        write!(
            f,
            "{overrun} overrun, {came_back_too_late} back too late, {stuck} stuck, {sent_away_late} sent away late"
        )
    }
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.overrun += other.overrun;
        self.came_back_too_late += other.came_back_too_late;
        self.stuck += other.stuck;
        self.sent_away_late += other.sent_away_late;
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
    lines: Vec<Line>,
    /// Connections on which the server has sent something, is blocked, or has closed.
    stirred: Stirred,
    /// Every frame is decoded once for all devices.
    decoded: HashMap<(usize, usize), (Utf8Bytes, ServerFrame)>,
    /// Frames that a mutant holds back.
    overtaken: HashMap<usize, (ServerFrame, i64)>,
    /// Requests that the network of a device holds back.
    held: VecDeque<(usize, u64, i64)>,
    unanswered: BTreeSet<(usize, i64)>,
    calm: bool,
    trace: Trace,
    seen: Seen,
    wrong: Option<String>,
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
            lines: Vec::new(),
            stirred: Stirred::default(),
            decoded: HashMap::new(),
            overtaken: HashMap::new(),
            held: VecDeque::new(),
            unanswered: BTreeSet::new(),
            calm: false,
            trace: Trace::default(),
            seen: Seen::default(),
            wrong: None,
            clock,
        };
        world.furnish();
        world
    }

    /// Some displays, some tablets, phones with an order, and phones that show the menu only.
    fn furnish(&mut self) {
        for number in 0..self.size.devices {
            let topics = match number % 20 {
                0 => vec![Topic::Board, Topic::Shop],
                1 => vec![Topic::Queue, Topic::Shop],
                2..=8 => {
                    let order = self.backend.place(&self.random);
                    let at = self.random.between(0, self.size.trouble / 2);
                    self.after(at, Event::Act { order: order.clone(), left: CHANGES });
                    vec![Topic::Shop, Topic::Order(order)]
                }
                9 => vec![Topic::Shop, Topic::Order(self.backend.place_and_end(&self.random))],
                _ => vec![Topic::Shop],
            };
            let device = self.devices.len();
            self.devices.push(Device::new(topics, MORNING));
            let (load, tick) = (self.random.between(0, 3_000), self.random.between(0, 999));
            self.ask_for_page(device, load);
            self.after(tick, Event::Tick { device });
        }
        self.after(500, Event::Trouble);
        self.after(5_000, Event::Upkeep);
        let burst = self.random.between(self.size.trouble / 3, self.size.trouble * 2 / 3);
        self.after(burst, Event::BurstBegins);
        // In some worlds a server restarts just before the faults end.
        if self.random.chance(1, 3) {
            let before = self.random.between(100, 2_500);
            let down = self.random.between(100, before);
            self.after(self.size.trouble - before, Event::Restart { peaceful: true, down });
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
    pub(super) fn live(mut self) -> Result<(u64, Seen), String> {
        self.until(MORNING + self.size.trouble)?;
        self.recover()?;
        Ok((self.trace.hash(), self.seen))
    }

    fn until(&mut self, end: i64) -> Result<(), String> {
        loop {
            self.settle();
            if let Some(wrong) = self.wrong.take().or_else(|| self.backend.history.lock().unwrap().wrong()) {
                return Err(format!("{} ms: {wrong}", self.now() - MORNING));
            }
            let event = self.schedule.next();
            let Some(next) = event.into_iter().chain(self.clock.next()).min().filter(|next| *next <= end) else {
                self.clock.turn(end);
                return Ok(());
            };
            self.clock.turn(next);
            if event == Some(next)
                && let Some(event) = self.schedule.take()
            {
                self.happen(event);
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick { device } => self.tick(device),
            Event::Retry { device, page, timer, generation } => self.retry(device, page, timer, generation),
            Event::Arrives { line, way } => self.arrive(line, way),
            Event::Broken { line } => self.broken(line),
            Event::Poll { device, page, at } => self.answer_poll(device, page, at),
            Event::Answered { device, page, at, snapshots } => self.answered(device, page, at, snapshots),
            Event::Unanswered { device, page, at } => self.given_up(device, page, at),
            Event::Loaded { device, page, snapshots } => self.loaded(device, page, snapshots),
            Event::Wakes { device } => self.wake(device),
            Event::Shows { device } => self.show_page(device),
            Event::ReadsOn { device } => self.reads_on(device),
            Event::Whole { device } => self.whole(device),
            Event::Published { news } => self.backend.publish(&news),
            Event::Act { order, left } => self.act(order, left),
            Event::BurstBegins => self.begin_burst(),
            Event::Burst { order, left } => self.burst(order, left),
            Event::Restart { peaceful, down } => self.restart(peaceful, down),
            Event::Open => self.open(),
            Event::Dead { life } => self.dead(life),
            Event::Trouble => self.fault(),
            Event::Upkeep => {
                self.backend.expire();
                if !self.calm {
                    self.after(5_000, Event::Upkeep);
                }
            }
        }
    }
}
