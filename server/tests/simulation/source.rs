//! What connections read from: a hub, and a table that takes its time.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::live::Topic;
use engine::clock::{Rng, SeededRng};

use super::{backend::Table, clock::Hours, history::Truth, random::Dice};
use crate::{
    live::{Hub, TopicError, TopicLog, TopicSource},
    metrics::{LiveMetrics, Metrics},
    time::{self, Clocks},
};

/// What connections of a life read from.
#[derive(Debug)]
pub(super) struct Counter {
    pub(super) hub: Hub,
    pub(super) table: Arc<Mutex<Table>>,
    pub(super) truth: Arc<Mutex<Truth>>,
    pub(super) clocks: Clocks,
    pub(super) hours: Hours,
    pub(super) rng: Arc<SeededRng>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) dice: Dice,
}

impl TopicSource for Counter {
    type Reader = ();

    fn clocks(&self) -> &Clocks {
        &self.clocks
    }

    fn rng(&self) -> &dyn Rng {
        &*self.rng
    }

    fn metrics(&self) -> &LiveMetrics {
        &self.metrics.live
    }

    async fn log(&self, (): &(), topic: &Topic) -> Result<Arc<TopicLog>, TopicError> {
        let Topic::Order(id) = topic else { return self.hub.shared_topic(topic).ok_or(TopicError::Unavailable) };
        // A table takes its time, and sometimes does not answer.
        let (span, fails) = (self.dice.below(40), self.dice.chance(1, 300));
        time::sleep(&*self.clocks.connections, Duration::from_millis(span)).await;
        if fails {
            return Err(TopicError::Unavailable);
        }
        let (order, version) = self.table.lock().unwrap().orders.get(id).cloned().ok_or(TopicError::Unavailable)?;
        self.hub.update(&order, version);
        let log = self.hub.order_topic(&order);
        self.truth.lock().unwrap().look(topic, &log, self.hours.millis());
        self.look();
        Ok(log)
    }
}

impl Counter {
    /// Writes down what each topic shows now.
    pub(super) fn look(&self) {
        let now = self.hours.millis();
        let mut truth = self.truth.lock().unwrap();
        for topic in [Topic::Board, Topic::Queue, Topic::Shop] {
            truth.look(&topic, &self.hub.shared_topic(&topic).unwrap(), now);
        }
        for id in self.table.lock().unwrap().orders.keys() {
            // Only what is being shown: to ask for the topic of an order that was forgotten would bring it back.
            if let Some(log) = self.hub.log_of(id) {
                truth.look(&Topic::Order(id.clone()), &log, now);
            }
        }
    }
}
