//! Refusals by a layer. Scripts of the pages get a [`CommandError`] as JSON, everybody else a sentence in their
//! language.

use app::{
    error::{CommandError, Invalid},
    i18n::{Messages, invalid_text},
};
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::language;

/// Marks a response whose body [`render`] has to add.
#[derive(Debug, Clone, Copy)]
struct Refused(Invalid);

/// A response without a body; [`render`] adds it.
pub(crate) fn refuse(status: StatusCode, why: Invalid) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Refused(why));
    response
}

/// The middleware: adds the body to responses of [`refuse`]. Layers like the CSRF layer do not know the request.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let words = Messages::of(language::of(request.headers()));
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let by_script = request.uri().path().starts_with("/api/") && !accept.contains("text/html");
    let response = next.run(request).await;
    let Some(Refused(why)) = response.extensions().get().copied() else { return response };
    if by_script {
        let body = serde_json::to_string(&CommandError::from(why)).unwrap_or_default();
        (response.status(), [(header::CONTENT_TYPE, "application/json")], body).into_response()
    } else {
        (response.status(), invalid_text(words, why)).into_response()
    }
}
