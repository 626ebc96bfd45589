//! A span and a log line for every request, without the query and without the secret of the staff link.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue};
use tracing::field;

use super::{HttpState, excerpt::excerpt, redacted_path};
use crate::{logging, time};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware.
pub(crate) async fn request(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    let mut bytes = [0; 8];
    state.rng.fill(&mut bytes);
    let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let path = redacted_path::redact(request.uri().path());
    // A client may send a method of any length.
    let method = excerpt(request.method().as_str().as_bytes());
    let span = tracing::info_span!("request", id, %method, path, order = field::Empty);
    let clock = Arc::clone(&state.clock);
    let began = time::now(&*clock);
    let answer = async move {
        let mut response = next.run(request).await;
        let millis = time::now(&*clock).millis_since(began);
        tracing::debug!(status = response.status().as_u16(), millis, "answered");
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    };
    logging::in_request_span(span, answer).await
}
