//! Corrects the status of failed server functions.

use app::error::CommandError;
use axum::{
    body::{Body, to_bytes},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;

/// An error has a few hundred bytes of JSON.
const LIMIT: usize = 64 << 10;

/// Server functions answer 500 when their arguments cannot be parsed. This sets the status that belongs to the error in
/// the body.
pub(super) async fn status(response: Response) -> Response {
    let is_error = response.headers().contains_key(SERVER_FN_ERROR_HEADER);
    if response.status() == StatusCode::BAD_REQUEST && !is_error {
        // There is no server function of this name. The body is a message for developers, so it is dropped.
        return StatusCode::NOT_FOUND.into_response();
    }
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR || !is_error {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LIMIT).await else {
        return Response::from_parts(head, Body::empty());
    };
    let error = serde_json::from_slice::<CommandError>(&bytes).ok();
    if let Some(status) = error.and_then(|error| StatusCode::from_u16(error.status()).ok()) {
        head.status = status;
    }
    Response::from_parts(head, Body::from(bytes))
}
