//! What a connection asks of the bar behind it.

use std::sync::Arc;

use app::error::CommandError;
use domain::live::Topic;
use engine::clock::Rng;

use super::TopicLog;
use crate::{access::Session, backend::Bar, metrics::LiveMetrics, time::Clocks};

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
    ) -> impl Future<Output = Result<Arc<TopicLog>, CommandError>> + Send;
}

impl Source for Bar {
    type Reader = Session;

    fn clocks(&self) -> &Clocks {
        &self.clocks
    }

    fn rng(&self) -> &dyn Rng {
        &*self.rng
    }

    fn metrics(&self) -> &LiveMetrics {
        &self.orders.metrics.live
    }

    async fn log(&self, session: &Session, topic: &Topic) -> Result<Arc<TopicLog>, CommandError> {
        let viewer = session.viewer(self.now());
        self.log(&viewer, topic).await
    }
}
