//! How much a request may say, and how long it may take.

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

/// The largest form of ours is a few kilobytes.
const BODY_BYTES: usize = 64 << 10;
/// A command waits a few seconds for the outcome of a race; nothing else waits at all.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// Reads the body, so that what follows has it whole or not at all.
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

/// Gives up on requests that take too long.
pub(crate) async fn time(State(shared): State<HttpState>, request: Request, next: Next) -> Response {
    let limit = time::sleep(&*shared.clock, REQUEST_LIMIT);
    match select(pin!(next.run(request)), pin!(limit)).await {
        Either::Left((response, _)) => response,
        Either::Right(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, Invalid::TooSlow),
    }
}
