//! `/staff/<secret>`: the link that start-up prints. It asks for a name and signs the tablet in. It works without
//! JavaScript; whoever has not the link finds nothing here.

use std::net::SocketAddr;

use app::{error::Invalid, words::Words};
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
use serde::Deserialize;

use super::{STAFF_DAYS, session::write_staff};
use crate::http::{Shared, refuse};

/// The route.
pub(crate) fn router(shared: Shared) -> Router {
    let page = get(ask).post(sign_in);
    Router::new().route("/staff/{secret}", page.clone()).route("/staff/{secret}/", page).with_state(shared)
}

#[derive(Deserialize)]
struct SignIn {
    #[serde(default)]
    name: String,
}

async fn ask(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Extension(language): Extension<Language>,
    secret: Result<Path<String>, PathRejection>,
) -> Response {
    let words = Words::of(language);
    if !shared.access.is_secret(secret_of(&secret)) {
        shared.refuse_staff_link(shared.network(peer, &headers));
        return nothing_here(words);
    }
    page(&shared, words, StatusCode::OK, None)
}

async fn sign_in(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Extension(language): Extension<Language>,
    secret: Result<Path<String>, PathRejection>,
    form: Result<Form<SignIn>, FormRejection>,
) -> Response {
    let Shared { access, bar, .. } = &shared;
    let words = Words::of(language);
    if !access.is_secret(secret_of(&secret)) {
        shared.refuse_staff_link(shared.network(peer, &headers));
        return nothing_here(words);
    }
    let Ok(Form(form)) = form else { return refuse(StatusCode::BAD_REQUEST, Invalid::Form) };
    let mut device = [0; 6];
    bar.rng.fill(&mut device);
    let device: String = device.iter().map(|byte| format!("{byte:02x}")).collect();
    match BaristaId::new(&form.name, &device) {
        Ok(barista) => {
            tracing::info!(%barista, "a barista has signed in");
            let value = write_staff(&barista, bar.now().0);
            let cookie = access.cookie(access.staff_cookie(), value, STAFF_DAYS);
            let jar = PrivateCookieJar::new(access.key.clone()).add(cookie);
            (jar, Redirect::to("/barista")).into_response()
        }
        Err(_) => page(&shared, words, StatusCode::BAD_REQUEST, Some(words.common_sign_in_problem())),
    }
}

/// The last part of the address; empty when it is no text.
fn secret_of(path: &Result<Path<String>, PathRejection>) -> &str {
    path.as_ref().map(|Path(secret)| secret.as_str()).unwrap_or_default()
}

fn nothing_here(words: Words) -> Response {
    (StatusCode::NOT_FOUND, words.common_staff_link_wrong()).into_response()
}

/// The whole page. It is no page of the app, so that it works whatever becomes of that.
fn page(shared: &Shared, words: Words, status: StatusCode, problem: Option<&str>) -> Response {
    let problem =
        problem.map(|said| format!("<div class=\"alert\" role=\"alert\"><p>{said}</p></div>")).unwrap_or_default();
    let styles: String =
        shared.styles.iter().map(|href| format!("<link rel=\"stylesheet\" href=\"{href}\">")).collect();
    let (language, title) = (words.language(), words.common_sign_in_title());
    let body = format!(
        "<!doctype html><html lang=\"{tag}\" dir=\"{direction}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"/pkg/icon.svg\">{styles}</head><body>\
         <main class=\"page trouble\"><img src=\"/pkg/icon.svg\" alt=\"\" width=\"64\" height=\"64\">\
         <h1>{title}</h1>{problem}<form class=\"sign-in\" method=\"post\">\
         <label for=\"name\">{label}</label>\
         <input id=\"name\" name=\"name\" required maxlength=\"24\" autofocus autocomplete=\"given-name\">\
         <button class=\"button primary\">{button}</button></form></main>\
         <footer><form class=\"languages\" action=\"/language\" method=\"post\" aria-label=\"{languages}\"><ul>{offered}</ul></form></footer>\
         </body></html>",
        tag = language.tag(),
        direction = language.direction(),
        label = words.common_sign_in_name(),
        button = words.common_sign_in(),
        languages = words.common_language(),
        offered = offered(language),
    );
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    // The address is a secret, and this page links nowhere. Browsers must still say to us where the form comes from,
    // so the referrer may not be switched off altogether.
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (status, headers, Html(body)).into_response()
}

/// The languages to choose from, as [`app`]'s pages offer them.
fn offered(here: Language) -> String {
    let button = |language: Language| {
        let current = if language == here { " aria-current=\"true\"" } else { "" };
        let (tag, direction, name) = (language.tag(), language.direction(), language.own_name());
        format!(
            "<li><button class=\"language\" name=\"language\" value=\"{tag}\" lang=\"{tag}\" dir=\"{direction}\"{current}>{name}</button></li>"
        )
    };
    Language::OFFERED.into_iter().map(button).collect()
}
