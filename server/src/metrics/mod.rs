//! What can be measured of a bar that runs, in the text format of OpenMetrics, which Prometheus reads. No label names an
//! order, a person or a secret: each is one of a few words of ours.

mod commands;
mod connections;
mod live;

use std::sync::Arc;

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};

pub(crate) use self::{
    commands::CommandMetrics,
    connections::{ConnectionMetrics, ListenerMetrics},
    live::{Answer, LiveMetrics, Subscribed},
};
use domain::Ending;

use crate::live::Hub;

/// Names and values of our own.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) commands: CommandMetrics,
    pub(crate) connections: ConnectionMetrics,
    pub(crate) live: LiveMetrics,
    pub(crate) callbacks: CallbackMetrics,
    pub(crate) feed: FeedMetrics,
    pub(crate) balance: BalanceMetrics,
    queue: Gauge,
    orders: Family<Labels<1>, Gauge>,
}

/// What is counted of the calls that move workflows.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallbackMetrics(Family<Labels<2>, Counter>);

impl CallbackMetrics {
    pub(crate) fn called(&self, call: &'static str, outcome: &'static str) {
        self.0.get_or_create(&[("call", call), ("outcome", outcome)]).inc();
    }
}

/// What is counted of the changes by others.
#[derive(Debug, Clone, Default)]
pub(crate) struct FeedMetrics {
    pub(crate) changes: Counter,
    pub(crate) failures: Counter,
}

/// How many orders began and how each ended: those that began are those that have ended and those under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct BalanceMetrics {
    begun: Counter,
    ended: Family<Labels<1>, Counter>,
}

impl BalanceMetrics {
    /// An order is written for the first time.
    pub(crate) fn begun(&self) {
        self.begun.inc();
    }

    /// An order has ended for the first time.
    pub(crate) fn ended(&self, ending: &Ending) {
        let ending = match ending {
            Ending::Collected => "collected",
            Ending::Uncollected => "uncollected",
            Ending::CancelledByCustomer | Ending::CancelledByBarista { .. } => "cancelled",
            Ending::TimedOut { .. } => "timed_out",
            Ending::Refused { reason } => match reason.as_str() {
                "full" => "refused_full",
                "closed" => "refused_closed",
                "not set up" => "refused_not_set_up",
                _ => "refused_other",
            },
        };
        self.ended.get_or_create(&[("ending", ending)]).inc();
    }
}

impl Metrics {
    pub(crate) fn new() -> Arc<Self> {
        let mut registry = Registry::with_prefix("doppio");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", build);
        let commands = CommandMetrics::register(&mut registry);
        let connections = ConnectionMetrics::register(&mut registry);
        let live = LiveMetrics::register(&mut registry);
        let callbacks = CallbackMetrics::default();
        registry.register(
            "callbacks",
            "Calls that start or move an order's workflow, by what came of them",
            callbacks.0.clone(),
        );
        let feed = FeedMetrics::default();
        registry.register(
            "feed_changes",
            "Changes of orders that were read from the table before this process had them itself",
            feed.changes.clone(),
        );
        registry.register("feed_failures", "Times that the table of orders did not answer", feed.failures.clone());
        let balance = BalanceMetrics::default();
        registry.register("orders_begun", "Orders that this process wrote for the first time", balance.begun.clone());
        registry.register(
            "orders_ended",
            "Orders of which this process wrote the first end, by how they ended",
            balance.ended.clone(),
        );
        let queue = Gauge::default();
        registry.register("queue_length", "Orders that wait or are being made", queue.clone());
        let orders = Family::default();
        registry.register("orders", "Orders that have not ended, by phase", orders.clone());
        Arc::new(Self { registry, commands, connections, live, callbacks, feed, balance, queue, orders })
    }

    /// The text for Prometheus.
    pub(crate) fn text(&self, hub: &Hub) -> String {
        let (queue, phases) = hub.count();
        self.queue.set(i64::try_from(queue).unwrap_or(i64::MAX));
        for (phase, count) in phases {
            self.orders.get_or_create(&[("phase", phase)]).set(count);
        }
        let mut text = String::new();
        // A string takes whatever is written.
        _ = encode(&mut text, &self.registry);
        text
    }
}
