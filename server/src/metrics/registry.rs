//! The registry of all metrics.

use std::{collections::BTreeMap, sync::Arc};

use prometheus_client::{
    encoding::text::encode,
    metrics::{family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};

use super::{
    commands::CommandMetrics,
    connections::ConnectionMetrics,
    labels::Labels,
    live::LiveMetrics,
    orders::{CallbackMetrics, FeedMetrics, OrderCountMetrics},
};

/// All metrics.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) commands: CommandMetrics,
    pub(crate) connections: ConnectionMetrics,
    pub(crate) live: LiveMetrics,
    pub(crate) callbacks: CallbackMetrics,
    pub(crate) feed: FeedMetrics,
    pub(crate) order_counts: OrderCountMetrics,
    queue: Gauge,
    orders: Family<Labels<1>, Gauge>,
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
        let order_counts = OrderCountMetrics::default();
        registry.register(
            "orders_begun",
            "Orders that this process wrote for the first time",
            order_counts.started.clone(),
        );
        registry.register(
            "orders_ended",
            "Orders of which this process wrote the first end, by how they ended",
            order_counts.ended.clone(),
        );
        let queue = Gauge::default();
        registry.register("queue_length", "Orders that wait or are being made", queue.clone());
        let orders = Family::default();
        registry.register("orders", "Orders that have not ended, by phase", orders.clone());
        Arc::new(Self { registry, commands, connections, live, callbacks, feed, order_counts, queue, orders })
    }

    /// The metrics as text for Prometheus.
    ///
    /// `queue` is the number of orders that wait or are being made; `phases` has the number of orders in each phase.
    pub(crate) fn text(&self, queue: usize, phases: BTreeMap<&'static str, i64>) -> String {
        self.queue.set(i64::try_from(queue).unwrap_or(i64::MAX));
        for (phase, count) in phases {
            self.orders.get_or_create(&[("phase", phase)]).set(count);
        }
        let mut text = String::new();
        // Writing to a string cannot fail.
        _ = encode(&mut text, &self.registry);
        text
    }
}
