//! Limits the size of request bodies and the duration of requests.

use std::{pin::pin, time::Duration};

use app::error::Invalid;
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::future::{Either, select};
use http::{Method, StatusCode};

use super::{HttpState, refusal::refuse};
use crate::time;

/// The largest form of our pages has a few kilobytes.
const BODY_BYTES: usize = 64 << 10;
/// A command may wait a few seconds for the outcome of a race; nothing else waits.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// Reads the whole body before the request is passed on.
pub(crate) async fn body(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match to_bytes(body, BODY_BYTES).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(_) => refuse(StatusCode::PAYLOAD_TOO_LARGE, Invalid::TooLarge),
    }
}

/// Answers 503 when a request takes too long.
pub(crate) async fn time(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    let limit = time::sleep(&*state.clock, REQUEST_LIMIT);
    match select(pin!(next.run(request)), pin!(limit)).await {
        Either::Left((response, _)) => response,
        Either::Right(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, Invalid::TooSlow),
    }
}
