//! Why a form without JavaScript had no effect, carried from the command to the page in a cookie.
//!
//! The server functions write the error into the address of the page. Anybody could make a link of that kind, with any
//! text; the cookie is encrypted like the others, so only this server writes it, and it is read once. A browser that sends
//! no cookies gets a word in the address that can say only that ([`NO_COOKIES`]).

use std::time::Duration;

use app::{
    backend::Viewer,
    error::{CommandError, Failed},
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::{Cookie, PrivateCookieJar};
use domain::Timestamp;
use http::{HeaderValue, Method, header};

use crate::http::Shared;

/// How long an error waits for its page, in milliseconds.
const MILLIS: i64 = 60_000;

/// The form that a guest sends without JavaScript.
const SUBMIT: &str = "/api/submit_order";

/// In the query of a page: a form had no effect because the browser has sent no cookie.
const NO_COOKIES: &str = "no-cookies";

/// The middleware: takes errors out of redirects, and hands them to the page in its [`Request`]'s extensions.
pub(crate) async fn carry(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let Shared { access, bar, .. } = &shared;
    let name = access.flash_cookie();
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_page = *request.method() == Method::GET && accept.contains("text/html");
    let mut jar = PrivateCookieJar::from_headers(request.headers(), access.key.clone());
    if is_page && let Some(cookie) = jar.get(&name) {
        if let Some(failed) = read(cookie.value(), bar.now()) {
            request.extensions_mut().insert(failed);
        }
        jar = jar.remove(Cookie::build(name.clone()).path("/").secure(access.secure).build());
    }
    let has_cookie = request.extensions().get::<Viewer>().is_some_and(|viewer| viewer.has_cookie);
    let asked = request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair == NO_COOKIES));
    if is_page && asked && !has_cookie {
        let failed = Failed { path: SUBMIT.to_owned(), error: CommandError::CookiesBlocked };
        request.extensions_mut().insert(failed);
    }
    let mut response = next.run(request).await;
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    if let Some((address, failed)) = location.and_then(Failed::take_from) {
        let address = match failed.error {
            CommandError::CookiesBlocked => {
                format!("{address}{}{NO_COOKIES}", if address.contains('?') { '&' } else { '?' })
            }
            _ => address,
        };
        if let Ok(address) = HeaderValue::from_str(&address) {
            response.headers_mut().insert(header::LOCATION, address);
        }
        let mut cookie = access.cookie(name, write(&failed, bar.now()), 1);
        cookie.set_max_age(Duration::from_millis(MILLIS.unsigned_abs()).try_into().ok());
        jar = jar.add(cookie);
    }
    (jar, response).into_response()
}

fn write(failed: &Failed, now: Timestamp) -> String {
    serde_json::to_string(&(now.plus_millis(MILLIS), failed)).unwrap_or_default()
}

fn read(value: &str, now: Timestamp) -> Option<Failed> {
    let (until, failed) = serde_json::from_str::<(Timestamp, Failed)>(value).ok()?;
    (now < until).then_some(failed)
}
