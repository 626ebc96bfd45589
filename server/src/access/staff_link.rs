//! `/staff/<secret>`: the link that the server prints at start. Its page asks for a name and signs the tablet in. It
//! works without JavaScript. A wrong link gets 404.

use std::net::SocketAddr;

use app::{error::Invalid, i18n::Messages};
use axum::{
    Extension, Form, Router,
    extract::{
        ConnectInfo, Path, State,
        rejection::{FormRejection, PathRejection},
    },
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use axum_extra::extract::cookie::PrivateCookieJar;
use domain::{BaristaId, Language};
use http::{HeaderMap, StatusCode, header};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use super::{AccessState, authenticator::STAFF_DAYS, session::write_staff};
use crate::http::refuse;

pub(crate) fn router(state: AccessState) -> Router {
    let page = get(show_form).post(sign_in);
    Router::new().route("/staff/{secret}", page.clone()).route("/staff/{secret}/", page).with_state(state)
}

#[derive(Deserialize)]
struct SignIn {
    #[serde(default)]
    name: String,
}

async fn show_form(
    State(state): State<AccessState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Extension(language): Extension<Language>,
    secret: Result<Path<String>, PathRejection>,
) -> Response {
    let words = Messages::of(language);
    if !state.authenticator.is_secret(secret_of(&secret)) {
        state.http.refuse_staff_link(state.http.network(peer, &headers));
        return wrong_link(words);
    }
    page(&state, words, StatusCode::OK, None)
}

async fn sign_in(
    State(state): State<AccessState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Extension(language): Extension<Language>,
    secret: Result<Path<String>, PathRejection>,
    form: Result<Form<SignIn>, FormRejection>,
) -> Response {
    let access = &state.authenticator;
    let words = Messages::of(language);
    if !access.is_secret(secret_of(&secret)) {
        state.http.refuse_staff_link(state.http.network(peer, &headers));
        return wrong_link(words);
    }
    let Ok(Form(form)) = form else { return refuse(StatusCode::BAD_REQUEST, Invalid::Form) };
    let mut device = [0; 6];
    state.rng.fill(&mut device);
    let device: String = device.iter().map(|byte| format!("{byte:02x}")).collect();
    match BaristaId::new(&form.name, &device) {
        Ok(barista) => {
            tracing::info!(%barista, "a barista has signed in");
            let value = write_staff(&barista, state.now().0);
            let cookie = access.cookie(access.staff_cookie(), value, STAFF_DAYS);
            let jar = PrivateCookieJar::new(access.key.clone()).add(cookie);
            (jar, Redirect::to("/barista")).into_response()
        }
        Err(_) => page(&state, words, StatusCode::BAD_REQUEST, Some(words.common_sign_in_problem())),
    }
}

/// The last part of the path; empty when it is not UTF-8.
fn secret_of(path: &Result<Path<String>, PathRejection>) -> &str {
    path.as_ref().map(|Path(secret)| secret.as_str()).unwrap_or_default()
}

fn wrong_link(words: Messages) -> Response {
    (StatusCode::NOT_FOUND, words.common_staff_link_wrong()).into_response()
}

/// The whole page. It is not a page of the app, so that it works without the built pages.
fn page(state: &AccessState, words: Messages, status: StatusCode, problem: Option<&str>) -> Response {
    let (language, title) = (words.language(), words.common_sign_in_title());
    let page = html! {
        (PreEscaped("<!doctype html>"))
        html lang=(language.tag()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                title { (title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="icon" type="image/svg+xml" href="/pkg/icon.svg";
                @for style in &*state.styles {
                    link rel="stylesheet" href=(style);
                }
            }
            body {
                main class="page trouble" {
                    img src="/pkg/icon.svg" alt="" width="64" height="64";
                    h1 { (title) }
                    @if let Some(problem) = problem {
                        div class="alert" role="alert" { p { (problem) } }
                    }
                    form class="sign-in" method="post" {
                        label for="name" { (words.common_sign_in_name()) }
                        input id="name" name="name" required maxlength="24" autofocus autocomplete="given-name";
                        button class="button primary" { (words.common_sign_in()) }
                    }
                }
                footer {
                    form class="languages" action="/language" method="post" aria-label=(words.common_language()) {
                        ul {
                            @for offered in Language::OFFERED {
                                (language_button(offered, offered == language))
                            }
                        }
                    }
                }
            }
        }
    };
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    // The URL is a secret, and the page has no links to other sites. The referrer cannot be switched off, because the
    // server needs it to know which page sent a form.
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (status, headers, Html(page.into_string())).into_response()
}

/// A button for a language, as the pages of [`app`] have it.
fn language_button(language: Language, is_current: bool) -> Markup {
    let current = is_current.then_some("true");
    html! {
        li {
            button class="language" name="language" value=(language.tag()) lang=(language.tag())
                dir=(language.direction()) aria-current=[current] { (language.own_name()) }
        }
    }
}
