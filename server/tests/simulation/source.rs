//! The topic source of the simulated connections: a hub, and a table with latency.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::live::Topic;
use engine::clock::{Rng, SeededRng};

use super::{backend::Table, clock::SimulatedClock, history::History, random::Random};
use crate::{
    live::{Hub, TopicError, TopicLog, TopicSource},
    metrics::{LiveMetrics, Metrics},
    time::{self, Clocks},
};

/// The topic source of an instance.
#[derive(Debug)]
pub(super) struct SimulatedSource {
    pub(super) hub: Hub,
    pub(super) table: Arc<Mutex<Table>>,
    pub(super) history: Arc<Mutex<History>>,
    pub(super) clocks: Clocks,
    pub(super) clock: SimulatedClock,
    pub(super) rng: Arc<SeededRng>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) random: Random,
}

impl TopicSource for SimulatedSource {
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
        // The table has a latency, and sometimes fails.
        let (span, fails) = (self.random.below(40), self.random.chance(1, 300));
        time::sleep(&*self.clocks.connections, Duration::from_millis(span)).await;
        if fails {
            return Err(TopicError::Unavailable);
        }
        let (order, version) = self.table.lock().unwrap().orders.get(id).cloned().ok_or(TopicError::Unavailable)?;
        self.hub.update(&order, version);
        let log = self.hub.order_topic(&order);
        self.history.lock().unwrap().record(topic, &log, self.clock.millis());
        self.record();
        Ok(log)
    }
}

impl SimulatedSource {
    /// Records the current state of each topic.
    pub(super) fn record(&self) {
        let now = self.clock.millis();
        let mut history = self.history.lock().unwrap();
        for topic in [Topic::Board, Topic::Queue, Topic::Shop] {
            history.record(&topic, &self.hub.shared_topic(&topic).unwrap(), now);
        }
        for id in self.table.lock().unwrap().orders.keys() {
            // Only shown orders: asking for the topic of a dropped order would create it again.
            if let Some(log) = self.hub.log_of(id) {
                history.record(&Topic::Order(id.clone()), &log, now);
            }
        }
    }
}
