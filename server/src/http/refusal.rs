//! Refusals by a layer, in the form that the asker understands: the pages' script reads a
//! [`CommandError`], everybody else reads words of their language.

use app::{
    error::{CommandError, Invalid},
    words::{Words, invalid},
};
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::language;

/// Marks an answer that has no body yet.
#[derive(Debug, Clone, Copy)]
struct Refused(Invalid);

/// An answer without a body; [`render`] adds it.
pub(crate) fn refuse(status: StatusCode, why: Invalid) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Refused(why));
    response
}

/// The middleware: gives every answer of [`refuse`] its body. It knows the request, which some layers do not.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let words = Words::of(language::of(request.headers()));
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let by_script = request.uri().path().starts_with("/api/") && !accept.contains("text/html");
    let response = next.run(request).await;
    let Some(Refused(why)) = response.extensions().get().copied() else { return response };
    if by_script {
        let body = serde_json::to_string(&CommandError::from(why)).unwrap_or_default();
        (response.status(), [(header::CONTENT_TYPE, "application/json")], body).into_response()
    } else {
        (response.status(), invalid(words, why)).into_response()
    }
}
