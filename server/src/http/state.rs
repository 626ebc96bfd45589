//! What the layers share.

use std::sync::Arc;

use engine::clock::{Clock, Rng};

use super::RateLimiter;
use crate::{client_address::TrustedProxies, metrics::CommandMetrics};

/// What the layers share.
#[derive(Debug, Clone)]
pub(crate) struct HttpState {
    /// The clock of connections.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    /// True when guests come over https.
    pub(crate) https: bool,
    pub(crate) proxies: TrustedProxies,
    /// How often one network may start and submit orders.
    pub(crate) rates: Arc<RateLimiter>,
    pub(crate) metrics: CommandMetrics,
}
