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
const QUIET_MILLIS: i64 = 4_000;

impl World {
    /// An order changes, and the change is published: at once, by the feed, twice, or late.
    pub(super) fn change_order(&mut self, order: OrderId, left: u32) {
        let before = self.backend.read(&order);
        let changed = if left == CHANGES {
            self.backend.enter_queue(&order)
        } else {
            self.backend.execute_random_command(&order, &self.random)
        };
        if let Some(after) = self.backend.read(&order).filter(|_| changed) {
            let late = match self.random.below(10) {
                0..=6 => 0,
                _ => self.random.between(0, 800),
            };
            if self.mutant != Some(Mutant::ChangeIsNotPublished) || !self.random.chance(1, 6) {
                self.after(late, Event::OrderPublished { versioned: Box::new(after.clone()) });
            }
            if self.random.chance(1, 5) {
                let later = self.random.between(0, 3_000);
                self.after(later, Event::OrderPublished { versioned: Box::new(after) });
            }
            if let Some(before) = before.filter(|_| self.random.chance(1, 10)) {
                let later = self.random.between(0, 3_000);
                self.after(later, Event::OrderPublished { versioned: Box::new(before) });
            }
        }
        // An ended order is rarely recalled.
        let has_ended = self.backend.read(&order).is_some_and(|(order, _)| order.ended().is_some());
        if left > 0 && !self.faults_ended && (!has_ended || self.random.chance(1, 3)) {
            let pause = if has_ended { self.random.between(2_000, 25_000) } else { self.random.between(100, 7_000) };
            if self.now() + pause < MORNING + self.size.faults_millis - QUIET_MILLIS {
                self.after(pause, Event::OrderChanges { order, left: left - 1 });
            }
        }
    }

    /// An order changes more often than the hub retains changes. One tablet loses its connection before the burst and
    /// resumes after it; another one does not read during it.
    pub(super) fn start_burst(&mut self) {
        let tablets: Vec<usize> = (1..self.devices.len()).step_by(20).collect();
        let (disconnected, slow) =
            (tablets[self.random.index(tablets.len())], tablets[self.random.index(tablets.len())]);
        let left = MORNING + self.size.faults_millis - self.now();
        self.devices[disconnected].is_offline = true;
        for connection in self.connections_of(disconnected) {
            self.reset(connection, true, true);
        }
        let back = self.random.between(2_000, 6_000).min(left);
        self.after(back, Event::NetworkUp { device: disconnected });
        self.slow_down(slow, back);
        if let Some(order) = self.backend.active_order(&self.random) {
            let changes = RETAINED_CHANGES as u64 + 1 + self.random.below(200);
            self.after(50, Event::Burst { order, left: changes });
        }
    }

    /// The next changes of the burst follow at once.
    pub(super) fn burst(&mut self, order: OrderId, left: u64) {
        let count = (1 + self.random.below(400)).min(left);
        for _ in 0..count {
            if self.backend.claim_or_release(&order, &self.random)
                && let Some(versioned) = self.backend.read(&order)
            {
                self.backend.publish(&versioned);
            }
        }
        if left > count {
            let pause = self.random.between(0, 300);
            self.after(pause, Event::Burst { order, left: left - count });
        }
    }
}
