//! The web server: every request passes the layers below from the top to the bottom, its answer the other way.

mod csrf;
mod excerpt;
pub(crate) mod hosts;
pub(crate) mod language;
mod limits;
pub(crate) mod listener;
pub(crate) mod origin;
mod rate_limit;
mod redacted_path;
mod refusal;
mod return_path;
mod security_headers;
mod sender;
mod trace;

use std::sync::Arc;

use app::backend::SharedBackend;
use axum::{Router, middleware::from_fn_with_state};
use tower_http::compression::CompressionLayer;

pub(crate) use self::{
    csrf::CsrfError,
    hosts::{Guard, Hosts},
    rate_limit::Rates,
    refusal::refuse,
    return_path::{own_path, return_path},
};
use crate::{
    access::{self, Access},
    backend::Bar,
    client_address::Proxies,
    pages::{self, Site},
    routes::{
        health::{self, Readiness},
        live::{self, Live},
    },
};

/// What the layers and the small routes share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) bar: Arc<Bar>,
    pub(crate) access: Arc<Access>,
    pub(crate) readiness: Readiness,
    /// The style sheets of the pages, for the one page that is not among them.
    pub(crate) styles: Arc<[String]>,
    /// True when guests come over https.
    pub(crate) https: bool,
    /// The origins whose pages may show the display in a frame.
    pub(crate) framed_by: Arc<[String]>,
    pub(crate) proxies: Proxies,
    /// How often one network may start and submit orders.
    pub(crate) rates: Arc<Rates>,
    /// Under which names guests reach the pages; `None` when a proxy with a public address stands before them.
    pub(crate) hosts: Option<Hosts>,
}

/// The whole web server. Call it once, before listening (see [`pages::router`]).
pub(crate) fn router(shared: &Shared, live: Live, site: Site) -> Result<Router, CsrfError> {
    let csrf = csrf::layer(live.public_origin.as_deref())?;
    let backend: SharedBackend = Arc::clone(&shared.bar) as SharedBackend;
    let known = Router::new()
        .merge(pages::router(site, backend, live.public_origin.clone(), &shared.framed_by))
        .merge(live::router(live))
        // 11. From which network?
        .layer(from_fn_with_state(shared.clone(), sender::identify))
        // 10. Why did the last form have no effect?
        .layer(from_fn_with_state(shared.clone(), access::carry))
        // 9. Who asks?
        .layer(from_fn_with_state(shared.clone(), access::identify));
    let routes = known
        .merge(access::router(shared.clone()))
        .merge(language::router())
        // 8. In which language?
        .layer(axum::middleware::from_fn(language::choose))
        .layer(CompressionLayer::new());
    let routes = routes
        // 7. Bodies are small.
        .layer(axum::middleware::from_fn(limits::body))
        // 6. Only our own pages send forms.
        .layer(csrf)
        // 5. No request takes for ever.
        .layer(from_fn_with_state(shared.clone(), limits::time));
    // 4. Is it addressed to us?
    let routes = match &shared.hosts {
        Some(hosts) => {
            let guard = Guard { hosts: hosts.clone(), shared: shared.clone() };
            routes.layer(from_fn_with_state(guard, hosts::check))
        }
        None => routes,
    };
    Ok(routes
        // What a layer above has refused, in words.
        .layer(axum::middleware::from_fn(refusal::render))
        // 3. What every answer tells the browser.
        .layer(from_fn_with_state(shared.clone(), security_headers::headers))
        // 2. Is the server there at all?
        .merge(health::router(shared.readiness.clone()))
        // 1. Every request has a number and a line in the log.
        .layer(from_fn_with_state(shared.clone(), trace::request)))
}
