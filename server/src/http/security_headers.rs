//! Adds security headers to every response, except where the page has set its own. Over https, all cookies get
//! `Secure`.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderValue, header};

use super::HttpState;

/// The middleware.
pub(crate) async fn headers(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let usual = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in usual {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // `X-Frame-Options` is for old browsers. It cannot list allowed sites, so it is left out where some are.
    let by_some = |policy: &HeaderValue| {
        let frames = policy.to_str().unwrap_or_default().split("frame-ancestors ").nth(1);
        frames.is_some_and(|frames| !frames.starts_with("'none'"))
    };
    if !headers.get(header::CONTENT_SECURITY_POLICY).is_some_and(by_some) {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    if state.https {
        // Without `includeSubDomains`, because subdomains may belong to others.
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        secure_cookies(headers);
    }
    response
}

/// Adds `Secure` to every cookie that lacks it.
fn secure_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().map(secure).collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
}

fn secure(cookie: &HeaderValue) -> HeaderValue {
    let is_secure = |attribute: &str| attribute.trim().eq_ignore_ascii_case("secure");
    match cookie.to_str() {
        Ok(text) if !text.split(';').any(is_secure) => {
            HeaderValue::try_from(format!("{text}; Secure")).unwrap_or_else(|_| cookie.clone())
        }
        _ => cookie.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cookie_is_secure_once() {
        let mut headers = HeaderMap::new();
        for cookie in ["theme=dark; Path=/", "language=de; Secure; Path=/", "secure=x"] {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(cookie));
        }
        secure_cookies(&mut headers);
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(cookies, ["theme=dark; Path=/; Secure", "language=de; Secure; Path=/", "secure=x; Secure"]);
    }
}
