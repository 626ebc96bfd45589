//! The language of a page: the chosen one, else the one that the browser prefers, else English.

use axum::{extract::Request, middleware::Next, response::Response};
use axum_extra::extract::cookie::CookieJar;
use domain::Language;
use http::{HeaderMap, HeaderValue, header};

/// The cookie with the tag of the chosen language. The page shows the same, so it needs no encryption.
pub(crate) const COOKIE: &str = "language";

/// The middleware: puts the [`Language`] into every request.
pub(crate) async fn choose(mut request: Request, next: Next) -> Response {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_chosen_language_takes_precedence_and_an_unknown_one_is_ignored() {
        let wish = (header::ACCEPT_LANGUAGE, "es-MX,es;q=0.9");
        assert_eq!(of(&headers(&[])), Language::English);
        assert_eq!(of(&headers(std::slice::from_ref(&wish))), Language::Spanish);
        assert_eq!(of(&headers(&[wish.clone(), (header::COOKIE, "doppio=x; language=ar")])), Language::Arabic);
        assert_eq!(of(&headers(&[wish, (header::COOKIE, "language=klingon")])), Language::Spanish);
    }
}
