//! `GET /live`: lets a browser in and hands it to its connection.

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

/// Enough for any hello of ours; the default would cost every connection 128 KiB.
const READ_BUFFER_BYTES: usize = 1024;
/// Frames that are due together are handed to the system together, but no more bytes than this before it has taken them:
/// the memory for what is not sent yet stays with the connection.
const TOGETHER_BYTES: usize = 1 << 10;
/// A hello of four topics is far smaller.
const MAX_MESSAGE_BYTES: usize = 16 << 10;
/// A connection holds one frame that is not sent yet, and the largest is a snapshot of the queue; one that would be
/// larger than this ends the connection.
const MAX_WRITE_BUFFER_BYTES: usize = 4 << 20;

/// What connections share.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) bar: Arc<ServerBackend>,
    /// The origin under which the bar is known outside, when it is configured.
    pub(crate) public_origin: Option<Arc<str>>,
    pub(crate) proxies: TrustedProxies,
    pub(crate) admission: Arc<Admission>,
    /// Cancelled when the server goes away.
    pub(crate) stop: CancellationToken,
    /// Shutdown waits for the connections in here.
    pub(crate) connections: TaskTracker,
}

/// The route.
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
    let metrics = &live.bar.orders.metrics.live;
    if !is_own_origin(&headers, live.public_origin.as_deref()) {
        metrics.foreign();
        return (StatusCode::FORBIDDEN, "Only pages of this bar may connect here.").into_response();
    }
    let permit = match live.admission.admit(live.proxies.client(peer, &headers), &session.customer) {
        Ok(permit) => permit,
        Err(refused) => {
            metrics.refused(refused.label());
            tracing::debug!(limit = refused.label(), "a live connection is not let in");
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
            // In a task of its own, because axum's keeps what it took to get there for as long as it lives.
            let serving = live::serve(socket, session, live.bar, live.stop);
            live.connections.spawn(serving.map(move |()| drop(permit)));
            drop(held);
            future::ready(())
        })
}
