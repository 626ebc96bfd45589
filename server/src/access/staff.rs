//! `/staff/<secret>`: the link that start-up prints. It asks for a name and signs the tablet in. It works without
//! JavaScript; whoever has not the link finds nothing here.

use axum::{
    Form, Router,
    extract::{Path, State},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use axum_extra::extract::cookie::PrivateCookieJar;
use domain::BaristaId;
use http::{StatusCode, header};
use serde::Deserialize;

use super::{STAFF_DAYS, identify::write_staff};
use crate::http::Shared;

/// The route.
pub(crate) fn router(shared: Shared) -> Router {
    Router::new().route("/staff/{secret}", get(ask).post(sign_in)).with_state(shared)
}

#[derive(Deserialize)]
struct SignIn {
    #[serde(default)]
    name: String,
}

async fn ask(State(shared): State<Shared>, Path(secret): Path<String>) -> Response {
    if shared.access.is_secret(&secret) { page(&shared, StatusCode::OK, None) } else { nothing_here() }
}

async fn sign_in(State(shared): State<Shared>, Path(secret): Path<String>, Form(form): Form<SignIn>) -> Response {
    let Shared { access, bar, .. } = &shared;
    if !access.is_secret(&secret) {
        return nothing_here();
    }
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
        Err(_) => {
            let problem = "Give a name of 1 to 24 letters, so that colleagues know who makes what.";
            page(&shared, StatusCode::BAD_REQUEST, Some(problem))
        }
    }
}

fn nothing_here() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here. Ask for the staff link that the server prints when it starts.")
        .into_response()
}

/// The whole page. It is no page of the app, so that it works whatever becomes of that.
fn page(shared: &Shared, status: StatusCode, problem: Option<&str>) -> Response {
    let problem =
        problem.map(|words| format!("<div class=\"alert\" role=\"alert\"><p>{words}</p></div>")).unwrap_or_default();
    let styles: String =
        shared.styles.iter().map(|href| format!("<link rel=\"stylesheet\" href=\"{href}\">")).collect();
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sign in at the bar</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"/pkg/icon.svg\">{styles}</head><body>\
         <main class=\"page trouble\"><img src=\"/pkg/icon.svg\" alt=\"\" width=\"64\" height=\"64\">\
         <h1>Sign in at the bar</h1>{problem}<form class=\"sign-in\" method=\"post\">\
         <label for=\"name\">Your name, as your colleagues read it</label>\
         <input id=\"name\" name=\"name\" required maxlength=\"24\" autofocus autocomplete=\"given-name\">\
         <button class=\"button primary\">Sign in</button></form></main></body></html>"
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
