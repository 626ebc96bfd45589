//! The language of a page: what the reader has chosen, else what the browser asks for, else English.

use std::time::Duration;

use app::error::Invalid;
use axum::{
    Form, Router,
    extract::{Request, rejection::FormRejection},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use domain::Language;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::{refusal::refuse, return_path::return_path};

/// Holds the tag of the chosen language. It says nothing about the reader that the page does not show.
const COOKIE: &str = "language";
/// How long a choice is kept, in days.
const DAYS: u64 = 365;

/// The middleware: puts the [`Language`] into every request.
pub(super) async fn choose(mut request: Request, next: Next) -> Response {
    let language = of(request.headers());
    request.extensions_mut().insert(language);
    let mut response = next.run(request).await;
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    response
}

/// The language that the headers of a request ask for.
pub(super) fn of(headers: &HeaderMap) -> Language {
    let chosen = CookieJar::from_headers(headers).get(COOKIE).and_then(|cookie| cookie.value().parse().ok());
    let asked = || headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok().and_then(Language::preferred);
    chosen.or_else(asked).unwrap_or_default()
}

/// `POST /language`, a form of any page, with or without JavaScript.
pub(super) fn router() -> Router {
    Router::new().route("/language", post(keep))
}

#[derive(Deserialize)]
struct Choice {
    /// A tag.
    #[serde(default)]
    language: String,
}

/// Keeps the choice and shows the page again that the form was on. A tag that names no language changes nothing.
async fn keep(headers: HeaderMap, choice: Result<Form<Choice>, FormRejection>) -> Response {
    let Ok(Form(choice)) = choice else { return refuse(StatusCode::BAD_REQUEST, Invalid::Form) };
    let back = Redirect::to(return_path(&headers).as_deref().unwrap_or("/"));
    match choice.language.parse::<Language>() {
        Ok(language) => {
            let cookie = Cookie::build((COOKIE, language.tag()))
                .path("/")
                .http_only(true)
                .same_site(SameSite::Lax)
                .max_age(Duration::from_secs(DAYS * 24 * 60 * 60).try_into().unwrap_or_default());
            (CookieJar::new().add(cookie), back).into_response()
        }
        Err(_) => back.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_choice_counts_more_than_the_browser_s_wish_and_nonsense_counts_nothing() {
        let wish = (header::ACCEPT_LANGUAGE, "es-MX,es;q=0.9");
        assert_eq!(of(&headers(&[])), Language::English);
        assert_eq!(of(&headers(std::slice::from_ref(&wish))), Language::Spanish);
        assert_eq!(of(&headers(&[wish.clone(), (header::COOKIE, "doppio=x; language=ar")])), Language::Arabic);
        assert_eq!(of(&headers(&[wish, (header::COOKIE, "language=klingon")])), Language::Spanish);
    }
}
