//! What live connections need from the backend.

use std::sync::Arc;

use domain::live::Topic;
use engine::clock::Rng;

use super::TopicLog;
use crate::{metrics::LiveMetrics, time::Clocks};

/// Why a client gets no topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TopicError {
    /// The client may not read it.
    Denied,
    /// Whether the client may read it cannot be found out.
    Unavailable,
}

/// Where live connections get their topics from: the backend, or the simulation.
pub(crate) trait TopicSource: Send + Sync + 'static {
    /// Identifies the client.
    type Reader: Send + Sync;

    fn clocks(&self) -> &Clocks;

    fn rng(&self) -> &dyn Rng;

    /// Metrics sink.
    fn metrics(&self) -> &LiveMetrics;

    /// A topic, if the client may read it now.
    fn log(
        &self,
        reader: &Self::Reader,
        topic: &Topic,
    ) -> impl Future<Output = Result<Arc<TopicLog>, TopicError>> + Send;
}
