//! Serves the pages: renders them, answers their commands, and serves the files that Trunk has built.
//!
//! The extensions of every request must contain an [`app::backend::Viewer`] and a [`domain::Language`].

mod command_status;
mod display;
mod headers;
mod index;
mod site;
mod static_files;

use std::sync::Arc;

use any_spawner::Executor;
use app::{backend::SharedBackend, document::document, i18n::Messages};
use axum::{
    Router,
    extract::Request,
    middleware,
    routing::{get, post},
};
use http::StatusCode;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{handle_server_fns_with_context, render_app_async_with_context};

pub use site::{Site, SiteError};

/// The routes `/`, `/orders/{id}`, `/barista`, `/display`, `/api/<command>` (POST) and `/pkg/*`; every other path gets
/// a "not found" page. `public_origin` is the configured origin for guests; `framed_by` are the origins whose pages may
/// show `/display` in a frame.
///
/// The Tokio runtime needs at least four worker threads (leptos#4578).
pub fn router(site: Site, backend: SharedBackend, public_origin: Option<Arc<str>>, framed_by: &[String]) -> Router {
    // Fails if another server in this process has done it.
    _ = Executor::init_tokio();
    let version = site.assets.bar.wasm.rsplit_once("?v=").map_or("", |(_, version)| version);
    let files = static_files::router(&site.folder, version);
    let assets = Arc::new(site.assets);
    let display = display::router(Arc::clone(&backend), site.display, public_origin, framed_by);
    let context = move || {
        provide_context(Arc::clone(&backend));
        let language = use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get().copied());
        provide_context(Messages::of(language.unwrap_or_default()));
        headers::content_security_policy();
    };
    // The document does its own routing.
    let page = render_app_async_with_context(context.clone(), move || document(Arc::clone(&assets)));
    let command = move |request: Request| handle_server_fns_with_context(context.clone(), request);
    let pages = Router::new()
        .route("/api/{command}", post(command).layer(middleware::map_response(command_status::status)))
        .merge(display)
        // The same response for every path, so that nobody learns which paths exist.
        .fallback_service(get(page).fallback(async || StatusCode::NOT_FOUND))
        .layer(middleware::map_response(headers::private));
    Router::new().nest("/pkg", files).merge(pages)
}
