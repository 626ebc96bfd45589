//! `POST /language`: stores the chosen language in a cookie.

use std::time::Duration;

use app::error::Invalid;
use axum::{
    Form, Router,
    extract::rejection::FormRejection,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use domain::Language;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::http::{LANGUAGE_COOKIE, refuse, return_path};

/// How long the cookie is kept, in days.
const DAYS: u64 = 365;

/// A form on every page, with or without JavaScript.
pub(super) fn router() -> Router {
    Router::new().route("/language", post(keep))
}

#[derive(Deserialize)]
struct Choice {
    /// The tag of a language, such as `de`.
    #[serde(default)]
    language: String,
}

/// Sets the cookie and redirects to the page of the form. An unknown tag changes nothing.
async fn keep(headers: HeaderMap, choice: Result<Form<Choice>, FormRejection>) -> Response {
    let Ok(Form(choice)) = choice else { return refuse(StatusCode::BAD_REQUEST, Invalid::Form) };
    let back = Redirect::to(return_path(&headers).as_deref().unwrap_or("/"));
    match choice.language.parse::<Language>() {
        Ok(language) => {
            let cookie = Cookie::build((LANGUAGE_COOKIE, language.tag()))
                .path("/")
                .http_only(true)
                .same_site(SameSite::Lax)
                .max_age(Duration::from_secs(DAYS * 24 * 60 * 60).try_into().unwrap_or_default());
            (CookieJar::new().add(cookie), back).into_response()
        }
        Err(_) => back.into_response(),
    }
}
