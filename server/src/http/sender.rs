//! Puts into every command who sends it, as far as limits are concerned: the network, not the browser, because a browser
//! is a new one whenever it leaves its cookies out.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use app::backend::{Attempt, Sender, SharedSender};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};

use super::{Shared, network, rates::Rates};
use crate::metrics::CommandMetrics;

#[derive(Debug)]
struct Network {
    /// `None` when a trusted proxy does not say.
    network: Option<IpAddr>,
    rates: Arc<Rates>,
    metrics: CommandMetrics,
}

impl Sender for Network {
    fn attempt(&self, attempt: Attempt) -> Result<(), u32> {
        let Some(network) = self.network else { return Ok(()) };
        let taken = self.rates.take(network, attempt);
        if taken.is_err() {
            self.metrics.refused("too_many");
        }
        taken
    }
}

impl Shared {
    /// The network that a request comes from; `None` when a trusted proxy does not say.
    pub(crate) fn network(&self, request: &Request) -> Option<IpAddr> {
        let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
        self.proxies.client(*peer, request.headers()).map(network)
    }
}

/// The middleware.
pub(super) async fn identify(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/api/") {
        let sender: SharedSender = Arc::new(Network {
            network: shared.network(&request),
            rates: Arc::clone(&shared.rates),
            metrics: shared.bar.orders.metrics.commands.clone(),
        });
        request.extensions_mut().insert(sender);
    }
    next.run(request).await
}
