//! Puts the [`Sender`] into every command: the network, for rate limits and for the log. Not the browser, because a
//! browser without cookies counts as a new one each time.

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
struct ClientNetwork {
    /// `None` when a trusted proxy does not name the client.
    network: Option<IpAddr>,
    rates: Arc<RateLimiter>,
    metrics: CommandMetrics,
}

impl Sender for ClientNetwork {
    fn attempt(&self, attempt: Attempt) -> Result<(), u32> {
        self.rates.take(network_or_unspecified(self.network), LimitedAction::Attempt(attempt))
    }

    fn refused(&self, error: &CommandError) {
        let reason = error.label();
        self.metrics.refused(reason);
        // The other refusals happen to guests on a normal day.
        if matches!(reason, "staff_only" | "customer_only" | "not_found" | "invalid" | "too_many") {
            warn(&self.rates, self.network, reason, "a command is refused");
        }
    }
}

/// Whether a network may cause another warning. Without this limit anybody could fill the log.
fn may_warn(rates: &RateLimiter, network: Option<IpAddr>) -> bool {
    rates.take(network_or_unspecified(network), LimitedAction::Warning).is_ok()
}

/// Logs a refusal with the network of the client, and never what the client has sent.
fn warn(rates: &RateLimiter, network: Option<IpAddr>, reason: &'static str, what: &'static str) {
    if may_warn(rates, network) {
        match network {
            Some(network) => tracing::warn!(%network, reason, "{what}"),
            None => tracing::warn!(network = "behind a proxy that does not name it", reason, "{what}"),
        }
    }
}

impl HttpState {
    /// Counts a wrong staff link, and logs the network of the client.
    pub(crate) fn refuse_staff_link(&self, network: Option<IpAddr>) {
        self.metrics.refused("staff_link");
        warn(&self.rates, network, "staff_link", "a staff link is refused");
    }

    /// Whether the network of a request may cause another warning.
    pub(super) fn may_warn(&self, request: &Request) -> bool {
        let peer = request.extensions().get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| *peer);
        may_warn(&self.rates, peer.and_then(|peer| self.network(peer, request.headers())))
    }

    /// The network of a request; `None` when a trusted proxy does not name the client.
    pub(crate) fn network(&self, peer: SocketAddr, headers: &HeaderMap) -> Option<IpAddr> {
        self.proxies.client(peer, headers).map(network)
    }
}

/// The middleware.
pub(crate) async fn identify(State(state): State<HttpState>, mut request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/api/") {
        let peer = request.extensions().get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| *peer);
        let sender: SharedSender = Arc::new(ClientNetwork {
            network: peer.and_then(|peer| state.network(peer, request.headers())),
            rates: Arc::clone(&state.rates),
            metrics: state.metrics.clone(),
        });
        request.extensions_mut().insert(sender);
    }
    next.run(request).await
}
