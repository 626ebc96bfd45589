//! What a connection asks of the bar behind it.

use std::sync::Arc;

use domain::live::Topic;
use engine::clock::Rng;

use super::TopicLog;
use crate::{metrics::LiveMetrics, time::Clocks};

/// Why a reader gets no topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TopicError {
    /// The reader may not read it.
    Denied,
    /// Whether the reader may read it cannot be found out.
    Unavailable,
}

/// Where connections read from. The bar is one; the simulation of the hub is the other.
pub(crate) trait Source: Send + Sync + 'static {
    /// Who reads.
    type Reader: Send + Sync;

    /// The clocks.
    fn clocks(&self) -> &Clocks;

    /// Where randomness comes from.
    fn rng(&self) -> &dyn Rng;

    /// Where is counted what happens.
    fn metrics(&self) -> &LiveMetrics;

    /// A topic, if the reader may read it at this moment.
    fn log(
        &self,
        reader: &Self::Reader,
        topic: &Topic,
    ) -> impl Future<Output = Result<Arc<TopicLog>, TopicError>> + Send;
}
