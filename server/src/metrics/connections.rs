//! Metrics of connections, whatever their protocol is.

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::labels::Labels;

/// The metrics of all listeners.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionMetrics {
    open: Family<Labels<1>, Gauge>,
    refused: Family<Labels<2>, Counter>,
    ended: Family<Labels<2>, Counter>,
}

impl ConnectionMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register("connections", "Connections that are open, by listener", metrics.open.clone());
        let help = "Connections that were refused when they were opened, by the limit";
        registry.register("connections_refused", help, metrics.refused.clone());
        let help = "Connections that were ended for another reason than an orderly end, by the reason";
        registry.register("connections_ended", help, metrics.ended.clone());
        metrics
    }

    /// The metrics of one listener.
    pub(crate) fn of(&self, listener: &'static str) -> ListenerMetrics {
        let open = self.open.get_or_create_owned(&[("listener", listener)]);
        ListenerMetrics { listener, open, all: self.clone() }
    }
}

/// The metrics of one listener.
#[derive(Debug)]
pub(crate) struct ListenerMetrics {
    listener: &'static str,
    open: Gauge,
    all: ConnectionMetrics,
}

impl ListenerMetrics {
    /// A connection has been accepted.
    pub(crate) fn opened(&self) {
        self.open.inc();
    }

    /// The socket of a connection has been closed.
    pub(crate) fn closed(&self) {
        self.open.dec();
    }

    /// A connection has been refused.
    pub(crate) fn refused(&self, limit: &'static str) {
        self.all.refused.get_or_create(&[("listener", self.listener), ("limit", limit)]).inc();
    }

    /// A connection did not end regularly.
    pub(crate) fn ended(&self, reason: &'static str) {
        self.all.ended.get_or_create(&[("listener", self.listener), ("reason", reason)]).inc();
    }
}
