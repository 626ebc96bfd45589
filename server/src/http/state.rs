//! The state of the layers.

use std::sync::Arc;

use engine::clock::{Clock, Rng};

use super::RateLimiter;
use crate::{client_address::TrustedProxies, metrics::CommandMetrics};

/// The state of the layers.
#[derive(Debug, Clone)]
pub(crate) struct HttpState {
    /// The clock of connections.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    /// Whether guests come over https.
    pub(crate) https: bool,
    pub(crate) proxies: TrustedProxies,
    pub(crate) rates: Arc<RateLimiter>,
    pub(crate) metrics: CommandMetrics,
}
