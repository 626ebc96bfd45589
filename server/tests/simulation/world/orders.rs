//! What happens at the bar.

use domain::OrderId;

use super::{World, schedule::Event};
use crate::{
    live::RETAINED_CHANGES,
    simulation::{clock::MORNING, mutant::Mutant},
};

/// So many changes an order has at most.
pub(super) const CHANGES: u32 = 12;
/// Nothing happens at the bar in the last moments before the calm, so that it ends with an order that is not in a hurry.
const HUSH_MILLIS: i64 = 4_000;

impl World {
    /// An order goes on, and the hub hears of it: at once, or by the feed, or twice, or late.
    pub(super) fn act(&mut self, order: OrderId, left: u32) {
        let before = self.bar.read(&order);
        let changed = if left == CHANGES { self.bar.queue(&order) } else { self.bar.act(&order, &self.dice) };
        if let Some(after) = self.bar.read(&order).filter(|_| changed) {
            let late = match self.dice.below(10) {
                0..=6 => 0,
                _ => self.dice.between(0, 800),
            };
            if self.mutant != Some(Mutant::HubForgetsAChange) || !self.dice.chance(1, 6) {
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
            if self.now() + pause < MORNING + self.size.trouble - HUSH_MILLIS {
                self.after(pause, Event::Act { order, left: left - 1 });
            }
        }
    }

    /// An order goes to and fro more often than the ring is long. One tablet has lost its connection just before, and
    /// comes back after; another does not read for a while.
    pub(super) fn begin_burst(&mut self) {
        let tablets: Vec<usize> = (1..self.devices.len()).step_by(20).collect();
        let (gone, slow) = (tablets[self.dice.place(tablets.len())], tablets[self.dice.place(tablets.len())]);
        let left = MORNING + self.size.trouble - self.now();
        self.devices[gone].dark = true;
        for line in self.lines_of(gone) {
            self.reset(line, true, true);
        }
        let back = self.dice.between(2_000, 6_000).min(left);
        self.after(back, Event::Whole { device: gone });
        self.slow_down(slow, back);
        if let Some(order) = self.bar.busy(&self.dice) {
            let changes = RETAINED_CHANGES as u64 + 1 + self.dice.below(200);
            self.after(50, Event::Burst { order, left: changes });
        }
    }

    /// The next changes of a burst come at once.
    pub(super) fn burst(&mut self, order: OrderId, left: u64) {
        let together = (1 + self.dice.below(400)).min(left);
        for _ in 0..together {
            if self.bar.to_and_fro(&order, &self.dice)
                && let Some(news) = self.bar.read(&order)
            {
                self.bar.tell(&news);
            }
        }
        if left > together {
            let pause = self.dice.between(0, 300);
            self.after(pause, Event::Burst { order, left: left - together });
        }
    }
}
