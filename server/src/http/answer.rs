//! Refusals by a layer, in the form that the asker understands: the pages' script reads a
//! [`CommandError`](app::error::CommandError), everybody else reads words.

use app::error::CommandError;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

/// Answers a request for `path` with `status` and `words`.
pub(super) fn refuse(path: &str, status: StatusCode, words: &'static str) -> Response {
    if !path.starts_with("/api/") {
        return (status, words).into_response();
    }
    let error = CommandError::Invalid(words.to_owned());
    let body = serde_json::to_string(&error).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
