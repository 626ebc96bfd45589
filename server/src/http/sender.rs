//! Puts into every command who sends it, as far as limits and refusals are concerned: the network, not the browser, because a browser
//! is a new one whenever it leaves its cookies out.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use app::{
    backend::{Attempt, Sender, SharedSender},
    error::CommandError,
};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::HeaderMap;

use super::{
    HttpState,
    rate_limit::{LimitedAction, RateLimiter},
};
use crate::{
    client_address::{network, network_or_unspecified},
    metrics::CommandMetrics,
};

#[derive(Debug)]
struct Network {
    /// `None` when a trusted proxy does not say.
    network: Option<IpAddr>,
    rates: Arc<RateLimiter>,
    metrics: CommandMetrics,
}

impl Sender for Network {
    fn attempt(&self, attempt: Attempt) -> Result<(), u32> {
        self.rates.take(network_or_unspecified(self.network), LimitedAction::Attempt(attempt))
    }

    fn refused(&self, error: &CommandError) {
        let reason = error.label();
        self.metrics.refused(reason);
        // Guests meet the other refusals in the course of a normal day.
        if matches!(reason, "staff_only" | "customer_only" | "not_found" | "invalid" | "too_many") {
            warn(&self.rates, self.network, reason, "a command is refused");
        }
    }
}

/// Whether a network may cause another line of the log. Every line about a refusal needs this, or anybody can fill the
/// log.
fn may_warn(rates: &RateLimiter, network: Option<IpAddr>) -> bool {
    rates.take(network_or_unspecified(network), LimitedAction::Warning).is_ok()
}

/// Logs a refusal with the network that it was met by, and never what it has sent.
fn warn(rates: &RateLimiter, network: Option<IpAddr>, reason: &'static str, what: &'static str) {
    if may_warn(rates, network) {
        match network {
            Some(network) => tracing::warn!(%network, reason, "{what}"),
            None => tracing::warn!(network = "behind a proxy that does not name it", reason, "{what}"),
        }
    }
}

impl HttpState {
    /// Counts a staff link that is not ours, and logs the network that has tried it.
    pub(crate) fn refuse_staff_link(&self, network: Option<IpAddr>) {
        self.metrics.refused("staff_link");
        warn(&self.rates, network, "staff_link", "a staff link is refused");
    }

    /// Whether the network that a request comes from may cause another line of the log.
    pub(super) fn may_warn(&self, request: &Request) -> bool {
        let peer = request.extensions().get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| *peer);
        may_warn(&self.rates, peer.and_then(|peer| self.network(peer, request.headers())))
    }

    /// The network that a request comes from; `None` when a trusted proxy does not say.
    pub(crate) fn network(&self, peer: SocketAddr, headers: &HeaderMap) -> Option<IpAddr> {
        self.proxies.client(peer, headers).map(network)
    }
}

/// The middleware.
pub(crate) async fn identify(State(shared): State<HttpState>, mut request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/api/") {
        let peer = request.extensions().get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| *peer);
        let sender: SharedSender = Arc::new(Network {
            network: peer.and_then(|peer| shared.network(peer, request.headers())),
            rates: Arc::clone(&shared.rates),
            metrics: shared.metrics.clone(),
        });
        request.extensions_mut().insert(sender);
    }
    next.run(request).await
}
