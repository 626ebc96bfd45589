//! `GET /live`: upgrades to a websocket, and serves it as a live connection.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension, Router,
    extract::{ConnectInfo, State, WebSocketUpgrade},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::{FutureExt, future};
use http::{HeaderMap, StatusCode};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    access::Session,
    backend::ServerBackend,
    client_address::TrustedProxies,
    http::is_own_origin,
    live::{self, Admission},
};

/// Enough for a hello; the default would cost every connection 128 KiB.
const READ_BUFFER_BYTES: usize = 1024;
/// Frames are collected up to this size before they are written. The buffer stays allocated for each connection.
const TOGETHER_BYTES: usize = 1 << 10;
/// A hello with four topics is far smaller.
const MAX_MESSAGE_BYTES: usize = 16 << 10;
/// The largest frame is a snapshot of the queue. A larger one ends the connection.
const MAX_WRITE_BUFFER_BYTES: usize = 4 << 20;

/// The state of the route.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) backend: Arc<ServerBackend>,
    /// The configured origin for guests.
    pub(crate) public_origin: Option<Arc<str>>,
    pub(crate) proxies: TrustedProxies,
    pub(crate) admission: Arc<Admission>,
    /// Cancelled when the server shuts down.
    pub(crate) stop: CancellationToken,
    /// Shutdown waits for these.
    pub(crate) connections: TaskTracker,
}

pub(crate) fn router(live: Live) -> Router {
    Router::new().route("/live", get(connect)).with_state(live)
}

async fn connect(
    State(live): State<Live>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let metrics = &live.backend.orders.metrics.live;
    if !is_own_origin(&headers, live.public_origin.as_deref()) {
        metrics.foreign();
        return (StatusCode::FORBIDDEN, "Only pages of this bar may connect here.").into_response();
    }
    let permit = match live.admission.admit(live.proxies.client(peer, &headers), &session.customer) {
        Ok(permit) => permit,
        Err(refused) => {
            metrics.refused(refused.label());
            tracing::debug!(limit = refused.label(), "a live connection is refused");
            return refused.into_response();
        }
    };
    let held = live.connections.token();
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(TOGETHER_BYTES)
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
        .on_upgrade(move |socket| {
            // A task of its own, because axum's task keeps the memory of the request for as long as it lives.
            let serving = live::serve(socket, session, live.backend, live.stop);
            live.connections.spawn(serving.map(move |()| drop(permit)));
            drop(held);
            future::ready(())
        })
}
