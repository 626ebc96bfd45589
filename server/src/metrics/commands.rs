//! Metrics of commands.

use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::labels::Labels;

#[derive(Debug, Clone, Default)]
pub(crate) struct CommandMetrics(Family<Labels<1>, Counter>);

impl CommandMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register("commands_refused", "Commands that were refused, by the reason", metrics.0.clone());
        metrics
    }

    pub(crate) fn refused(&self, reason: &'static str) {
        self.0.get_or_create(&[("reason", reason)]).inc();
    }
}
