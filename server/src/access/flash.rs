//! Carries the error of a form without JavaScript to the next page, in an encrypted one-time cookie (a flash message).
//!
//! The server functions put the error into the URL of the page. Then anybody could make a link that shows any text on
//! our page; only this server can write the cookie. For a browser without cookies the URL gets a parameter that can say
//! only that ([`NO_COOKIES`]).

use std::time::Duration;

use app::{
    Page,
    backend::Viewer,
    error::{CommandError, Failed},
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::{Cookie, PrivateCookieJar};
use domain::{Role, Timestamp};
use http::{HeaderValue, Method, header};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;

use super::AccessState;
use crate::http::{own_path, return_path};

/// How long the cookie is valid, in milliseconds.
const MILLIS: i64 = 60_000;

/// The largest error as JSON, in bytes.
const ERROR_BYTES: usize = 64 << 10;

/// The form that a guest sends without JavaScript.
const SUBMIT: &str = "/api/submit_order";

/// The query parameter which says that the browser sends no cookies.
const NO_COOKIES: &str = "no-cookies";

/// The middleware: moves the error of a form into a cookie, puts the error of a received cookie into the extensions of
/// the request for a page, and makes redirects lead to this site only.
pub(crate) async fn carry_error(State(state): State<AccessState>, mut request: Request, next: Next) -> Response {
    let access = &state.authenticator;
    let name = access.flash_cookie();
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // The display has no place for an error, and may be open in another tab.
    let is_display = request.uri().path().starts_with("/display");
    let is_page = *request.method() == Method::GET && accept.contains("text/html") && !is_display;
    let mut jar = PrivateCookieJar::from_headers(request.headers(), access.key.clone());
    if is_page && let Some(cookie) = jar.get(&name) {
        if let Some(failed) = read(cookie.value(), state.now()) {
            request.extensions_mut().insert(failed);
        }
        jar = jar.remove(Cookie::build(name.clone()).path("/").secure(access.secure).build());
    }
    let viewer = request.extensions().get::<Viewer>().cloned();
    let has_cookie = viewer.as_ref().is_some_and(|viewer| viewer.has_cookie);
    if is_page && says_no_cookies(request.uri().query().unwrap_or_default()) && !has_cookie {
        let failed = Failed { path: SUBMIT.to_owned(), error: CommandError::CookiesBlocked };
        request.extensions_mut().insert(failed);
    }
    let back = return_path(request.headers());
    let home = Page::home(viewer.as_ref().map_or(&Role::Guest, |viewer| &viewer.role));
    let mut response = next.run(request).await;
    let Some(location) = response.headers().get(header::LOCATION).cloned() else {
        return (jar, response).into_response();
    };
    // The server functions redirect to whatever the request names as its page.
    let page = || back.unwrap_or_else(|| home.to_owned());
    let (failed, answered) = take_error(response).await;
    response = answered;
    let mut address = match &failed {
        Some(_) => page(),
        None => location.to_str().ok().and_then(own_path).unwrap_or_else(page),
    };
    if let Some(failed) = failed {
        if failed.error == CommandError::CookiesBlocked
            && !says_no_cookies(address.split_once('?').unwrap_or_default().1)
        {
            address.push_str(if address.contains('?') { "&" } else { "?" });
            address.push_str(NO_COOKIES);
        }
        let mut cookie = access.cookie(name, write(&failed, state.now()), 1);
        cookie.set_max_age(Duration::from_millis(MILLIS.unsigned_abs()).try_into().ok());
        jar = jar.add(cookie);
    }
    if let Ok(address) = HeaderValue::from_str(&address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    (jar, response).into_response()
}

fn says_no_cookies(query: &str) -> bool {
    query.split('&').any(|pair| pair == NO_COOKIES)
}

/// Takes the error out of the response of a command: its body is the error as JSON.
async fn take_error(response: Response) -> (Option<Failed>, Response) {
    let path = response.headers().get(SERVER_FN_ERROR_HEADER).and_then(|path| path.to_str().ok()).map(str::to_owned);
    let Some(path) = path else { return (None, response) };
    let (mut head, body) = response.into_parts();
    head.headers.remove(SERVER_FN_ERROR_HEADER);
    head.headers.remove(header::CONTENT_LENGTH);
    let bytes = to_bytes(body, ERROR_BYTES).await.unwrap_or_default();
    let error = serde_json::from_slice(&bytes).unwrap_or(CommandError::Unavailable);
    (Some(Failed { path, error }), Response::from_parts(head, Body::empty()))
}

fn write(failed: &Failed, now: Timestamp) -> String {
    serde_json::to_string(&(now.plus_millis(MILLIS), failed)).unwrap_or_default()
}

fn read(value: &str, now: Timestamp) -> Option<Failed> {
    let (until, failed) = serde_json::from_str::<(Timestamp, Failed)>(value).ok()?;
    (now < until).then_some(failed)
}
