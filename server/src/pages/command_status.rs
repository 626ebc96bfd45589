//! The status of a command that is unknown or could not be read.

use app::error::CommandError;
use axum::{
    body::{Body, to_bytes},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;

/// An error in JSON is a few hundred bytes.
const LIMIT: usize = 64 << 10;

/// The server functions answer 500 when the arguments of a command cannot be read, whoever's fault that is. Gives such an
/// answer the status of the error that it carries.
pub(super) async fn status(response: Response) -> Response {
    let is_error = response.headers().contains_key(SERVER_FN_ERROR_HEADER);
    if response.status() == StatusCode::BAD_REQUEST && !is_error {
        // No command has this name. What the server functions say of it is for their developers.
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
