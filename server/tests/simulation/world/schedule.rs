//! Future events.

use std::collections::BTreeMap;

use app::loaders::Snapshot;
use domain::{Order, OrderId};

use super::network::Way;

/// An event with its time.
#[derive(Debug)]
pub(super) enum Event {
    Tick { device: usize },
    Retry { device: usize, page: u64, timer: u64, generation: u32 },
    Arrives { line: usize, way: Way },
    Broken { line: usize },
    Poll { device: usize, page: u64, at: i64 },
    Answered { device: usize, page: u64, at: i64, snapshots: Vec<Snapshot> },
    Unanswered { device: usize, page: u64, at: i64 },
    Loaded { device: usize, page: u64, snapshots: Vec<Snapshot> },
    Wakes { device: usize },
    Shows { device: usize },
    ReadsOn { device: usize },
    Whole { device: usize },
    Published { news: Box<(Order, u64)> },
    Act { order: OrderId, left: u32 },
    BurstBegins,
    Burst { order: OrderId, left: u64 },
    Restart { peaceful: bool, down: i64 },
    Open,
    Dead { life: u64 },
    Trouble,
    Upkeep,
}

/// Events in the order of their times; those at the same time in the order in which they were scheduled.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    events: BTreeMap<(i64, u64), Event>,
    decided: u64,
}

impl Schedule {
    pub(super) fn at(&mut self, at: i64, event: Event) {
        self.decided += 1;
        self.events.insert((at, self.decided), event);
    }

    pub(super) fn next(&self) -> Option<i64> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn take(&mut self) -> Option<Event> {
        self.events.pop_first().map(|(_, event)| event)
    }

    /// Drops all future changes of orders and all future faults.
    pub(super) fn calm_down(&mut self) {
        self.events.retain(|_, event| {
            let over = matches!(
                event,
                Event::Act { .. }
                    | Event::BurstBegins
                    | Event::Burst { .. }
                    | Event::Restart { .. }
                    | Event::Trouble
                    | Event::Published { .. }
            );
            !over
        });
    }
}
