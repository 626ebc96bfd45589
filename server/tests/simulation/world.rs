//! The bar, its readers, and the network between them.

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
    schedule::{Agenda, Event},
};
use super::{
    backend::Bar,
    clock::{Hours, MORNING},
    device::Device,
    executor::Tasks,
    mutant::Mutant,
    random::Dice,
    trace::Trace,
    wire::Stirred,
};

/// How large and how long it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) devices: usize,
    /// How long things go wrong, in milliseconds.
    pub(super) trouble: i64,
}

/// How often what must be tried has happened.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// A reader that was connected got a snapshot in place of more changes than the ring keeps.
    pub(super) overrun: u64,
    /// A reader that came back did.
    pub(super) came_back_too_late: u64,
    /// A reader did not take what the server had to say.
    pub(super) stuck: u64,
    /// A reader was told shortly before the calm or in it that the server goes away.
    pub(super) sent_away_late: u64,
}

impl Seen {
    /// Whether each has happened.
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
    hours: Hours,
    dice: Dice,
    agenda: Agenda,
    tasks: Tasks,
    bar: Bar,
    devices: Vec<Device>,
    lines: Vec<Line>,
    /// Lines whose server has said something, is stuck, or has let go.
    stirred: Stirred,
    /// Every frame is decoded once, however many devices read it.
    decoded: HashMap<(usize, usize), (Utf8Bytes, ServerFrame)>,
    /// Frames that a mutant keeps back.
    overtaken: HashMap<usize, (ServerFrame, i64)>,
    /// Requests that wait for the device's path.
    held: VecDeque<(usize, u64, i64)>,
    unanswered: BTreeSet<(usize, i64)>,
    calm: bool,
    trace: Trace,
    seen: Seen,
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
            agenda: Agenda::default(),
            tasks: Tasks::default(),
            bar,
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
                1 => vec![Topic::Queue, Topic::Shop],
                2..=8 => {
                    let order = self.bar.place(&self.dice);
                    let at = self.dice.between(0, self.size.trouble / 2);
                    self.after(at, Event::Act { order: order.clone(), left: CHANGES });
                    vec![Topic::Shop, Topic::Order(order)]
                }
                9 => vec![Topic::Shop, Topic::Order(self.bar.place_and_end(&self.dice))],
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
        let burst = self.dice.between(self.size.trouble / 3, self.size.trouble * 2 / 3);
        self.after(burst, Event::BurstBegins);
        // Now and then the calm begins while a server has just gone.
        if self.dice.chance(1, 3) {
            let before = self.dice.between(100, 2_500);
            let down = self.dice.between(100, before);
            self.after(self.size.trouble - before, Event::Restart { peaceful: true, down });
        }
    }

    fn now(&self) -> i64 {
        self.hours.millis()
    }

    fn after(&mut self, millis: i64, event: Event) {
        self.agenda.at(self.hours.millis() + millis, event);
    }

    fn note(&mut self, what: &str, who: usize, number: u64) {
        self.trace.note(self.hours.millis(), what, who as u64, number);
    }

    /// Lives through the trouble and the calm after it; the hash of all that happened, and what was seen.
    ///
    /// What was promised and did not hold is the error.
    pub(super) fn live(mut self) -> Result<(u64, Seen), String> {
        self.until(MORNING + self.size.trouble)?;
        self.recover()?;
        Ok((self.trace.hash(), self.seen))
    }

    fn until(&mut self, end: i64) -> Result<(), String> {
        loop {
            self.settle();
            if let Some(wrong) = self.wrong.take().or_else(|| self.bar.truth.lock().unwrap().wrong()) {
                return Err(format!("{} ms: {wrong}", self.now() - MORNING));
            }
            let event = self.agenda.next();
            let Some(next) = event.into_iter().chain(self.hours.next()).min().filter(|next| *next <= end) else {
                self.hours.turn(end);
                return Ok(());
            };
            self.hours.turn(next);
            if event == Some(next)
                && let Some(event) = self.agenda.take()
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
            Event::Asked { device, page, at } => self.asked(device, page, at),
            Event::Answered { device, page, at, snapshots } => self.answered(device, page, at, snapshots),
            Event::Unanswered { device, page, at } => self.given_up(device, page, at),
            Event::Loaded { device, page, snapshots } => self.loaded(device, page, snapshots),
            Event::Wakes { device } => self.wake(device),
            Event::Looks { device } => self.look(device),
            Event::ReadsOn { device } => self.reads_on(device),
            Event::Whole { device } => self.whole(device),
            Event::Told { news } => self.bar.tell(&news),
            Event::Act { order, left } => self.act(order, left),
            Event::BurstBegins => self.begin_burst(),
            Event::Burst { order, left } => self.burst(order, left),
            Event::Restart { peaceful, down } => self.restart(peaceful, down),
            Event::Open => self.open(),
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
}
