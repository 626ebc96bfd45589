//! Changes of orders.

use domain::OrderId;

use super::{World, schedule::Event};
use crate::{
    live::RETAINED_CHANGES,
    simulation::{clock::MORNING, mutant::Mutant},
};

/// The most changes of one order.
pub(super) const CHANGES: u32 = 12;
/// No order changes in the last moments before the recovery, so that it ends in a state that needs no upkeep.
const HUSH_MILLIS: i64 = 4_000;

impl World {
    /// An order changes, and the change is published: at once, by the feed, twice, or late.
    pub(super) fn act(&mut self, order: OrderId, left: u32) {
        let before = self.backend.read(&order);
        let changed = if left == CHANGES { self.backend.queue(&order) } else { self.backend.act(&order, &self.random) };
        if let Some(after) = self.backend.read(&order).filter(|_| changed) {
            let late = match self.random.below(10) {
                0..=6 => 0,
                _ => self.random.between(0, 800),
            };
            if self.mutant != Some(Mutant::HubForgetsAChange) || !self.random.chance(1, 6) {
                self.after(late, Event::Published { news: Box::new(after.clone()) });
            }
            if self.random.chance(1, 5) {
                let later = self.random.between(0, 3_000);
                self.after(later, Event::Published { news: Box::new(after) });
            }
            if let Some(before) = before.filter(|_| self.random.chance(1, 10)) {
                let later = self.random.between(0, 3_000);
                self.after(later, Event::Published { news: Box::new(before) });
            }
        }
        // An ended order is rarely recalled.
        let over = self.backend.read(&order).is_some_and(|(order, _)| order.ended().is_some());
        if left > 0 && !self.calm && (!over || self.random.chance(1, 3)) {
            let pause = if over { self.random.between(2_000, 25_000) } else { self.random.between(100, 7_000) };
            if self.now() + pause < MORNING + self.size.trouble - HUSH_MILLIS {
                self.after(pause, Event::Act { order, left: left - 1 });
            }
        }
    }

    /// An order changes more often than changes are kept. One tablet has lost its connection just before and resumes
    /// after; another does not read meanwhile.
    pub(super) fn begin_burst(&mut self) {
        let tablets: Vec<usize> = (1..self.devices.len()).step_by(20).collect();
        let (gone, slow) = (tablets[self.random.place(tablets.len())], tablets[self.random.place(tablets.len())]);
        let left = MORNING + self.size.trouble - self.now();
        self.devices[gone].dark = true;
        for line in self.lines_of(gone) {
            self.reset(line, true, true);
        }
        let back = self.random.between(2_000, 6_000).min(left);
        self.after(back, Event::Whole { device: gone });
        self.slow_down(slow, back);
        if let Some(order) = self.backend.busy(&self.random) {
            let changes = RETAINED_CHANGES as u64 + 1 + self.random.below(200);
            self.after(50, Event::Burst { order, left: changes });
        }
    }

    /// The next changes of the burst follow at once.
    pub(super) fn burst(&mut self, order: OrderId, left: u64) {
        let together = (1 + self.random.below(400)).min(left);
        for _ in 0..together {
            if self.backend.to_and_fro(&order, &self.random)
                && let Some(news) = self.backend.read(&order)
            {
                self.backend.publish(&news);
            }
        }
        if left > together {
            let pause = self.random.between(0, 300);
            self.after(pause, Event::Burst { order, left: left - together });
        }
    }
}
