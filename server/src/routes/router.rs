//! The router of the pages. Requests pass through the layers in the order of their numbers, responses in the reverse
//! order.

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

/// The state of all routes.
#[derive(Debug)]
pub(crate) struct Web {
    pub(crate) backend: Arc<ServerBackend>,
    pub(crate) live: Live,
    pub(crate) site: Site,
    pub(crate) http: HttpState,
    pub(crate) access: AccessState,
    pub(crate) readiness: Readiness,
    /// The origins whose pages may show the display in a frame.
    pub(crate) framed_by: Vec<String>,
    /// The allowed host names; `None` behind a proxy with a public URL.
    pub(crate) hosts: Option<AllowedHosts>,
}

/// The router of the pages. Call it once, before listening (see [`pages::router`]).
pub(crate) fn router(web: Web) -> Result<Router, CsrfError> {
    let Web { backend, live, site, http, access, readiness, framed_by, hosts } = web;
    let csrf = layers::csrf_layer(live.public_origin.as_deref())?;
    let backend: SharedBackend = backend;
    let known = Router::new()
        .merge(pages::router(site, backend, live.public_origin.clone(), &framed_by))
        .merge(live::router(live))
        // 11. The network of the sender, for commands.
        .layer(from_fn_with_state(http.clone(), layers::identify_sender))
        // 10. The error of the last form.
        .layer(from_fn_with_state(access.clone(), access::carry_error))
        // 9. The viewer.
        .layer(from_fn_with_state(access.clone(), access::identify));
    let routes = known
        .merge(access::router(access))
        .merge(language::router())
        // 8. The language.
        .layer(axum::middleware::from_fn(layers::choose_language))
        .layer(CompressionLayer::new());
    let routes = routes
        // 7. The size of the body.
        .layer(axum::middleware::from_fn(layers::limit_body))
        // 6. Forms from our own pages only.
        .layer(csrf)
        // 5. The time limit.
        .layer(from_fn_with_state(http.clone(), layers::limit_time));
    // 4. The allowed hosts.
    let routes = match hosts {
        Some(hosts) => {
            let guard = HostGuard { hosts, http: http.clone() };
            routes.layer(from_fn_with_state(guard, layers::check_host))
        }
        None => routes,
    };
    Ok(routes
        // The texts of refusals by the layers above.
        .layer(axum::middleware::from_fn(layers::render_refusal))
        // 3. Security headers.
        .layer(from_fn_with_state(http.clone(), layers::security_headers))
        // 2. Health checks.
        .merge(health::router(readiness))
        // 1. A request id and a line in the log.
        .layer(from_fn_with_state(http, layers::trace_request)))
}
