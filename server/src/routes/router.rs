//! Every request passes the layers below from the top to the bottom, its answer the other way.

use std::sync::Arc;

use app::backend::SharedBackend;
use axum::{Router, middleware::from_fn_with_state};
use tower_http::compression::CompressionLayer;

use super::{
    health::{self, Readiness},
    language,
    live::{self, Live},
};
use crate::{
    access::{self, AccessState},
    backend::ServerBackend,
    http::{self as layers, AllowedHosts, CsrfError, HostGuard, HttpState},
    pages::{self, Site},
};

/// What the routes need.
#[derive(Debug)]
pub(crate) struct Web {
    pub(crate) bar: Arc<ServerBackend>,
    pub(crate) live: Live,
    pub(crate) site: Site,
    pub(crate) http: HttpState,
    pub(crate) access: AccessState,
    pub(crate) readiness: Readiness,
    /// The origins whose pages may show the display in a frame.
    pub(crate) framed_by: Vec<String>,
    /// Under which names guests reach the pages; `None` when a proxy with a public address stands before them.
    pub(crate) hosts: Option<AllowedHosts>,
}

/// The whole web server. Call it once, before listening (see [`pages::router`]).
pub(crate) fn router(web: Web) -> Result<Router, CsrfError> {
    let Web { bar, live, site, http, access, readiness, framed_by, hosts } = web;
    let csrf = layers::csrf_layer(live.public_origin.as_deref())?;
    let backend: SharedBackend = bar;
    let known = Router::new()
        .merge(pages::router(site, backend, live.public_origin.clone(), &framed_by))
        .merge(live::router(live))
        // 11. From which network?
        .layer(from_fn_with_state(http.clone(), layers::identify_sender))
        // 10. Why did the last form have no effect?
        .layer(from_fn_with_state(access.clone(), access::carry_error))
        // 9. Who asks?
        .layer(from_fn_with_state(access.clone(), access::identify));
    let routes = known
        .merge(access::router(access))
        .merge(language::router())
        // 8. In which language?
        .layer(axum::middleware::from_fn(layers::choose_language))
        .layer(CompressionLayer::new());
    let routes = routes
        // 7. Bodies are small.
        .layer(axum::middleware::from_fn(layers::limit_body))
        // 6. Only our own pages send forms.
        .layer(csrf)
        // 5. No request takes for ever.
        .layer(from_fn_with_state(http.clone(), layers::limit_time));
    // 4. Is it addressed to us?
    let routes = match hosts {
        Some(hosts) => {
            let guard = HostGuard { hosts, shared: http.clone() };
            routes.layer(from_fn_with_state(guard, layers::check_host))
        }
        None => routes,
    };
    Ok(routes
        // What a layer above has refused, in words.
        .layer(axum::middleware::from_fn(layers::render_refusal))
        // 3. What every answer tells the browser.
        .layer(from_fn_with_state(http.clone(), layers::security_headers))
        // 2. Is the server there at all?
        .merge(health::router(readiness))
        // 1. Every request has a number and a line in the log.
        .layer(from_fn_with_state(http, layers::trace_request)))
}
