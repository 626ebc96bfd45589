//! The host of the pages: renders them, answers the commands, and hands out what Trunk has built.
//!
//! Whoever mounts [`router`] puts an [`app::backend::Viewer`] and a [`domain::Language`] into the extensions of every
//! request first.

mod files;
mod headers;
mod site;

use std::sync::{Arc, OnceLock};

use app::{App, backend::SharedBackend, document::document, words::Words};
use axum::{Router, middleware};
use leptos::{
    config::LeptosOptions,
    prelude::{provide_context, use_context},
};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context};

pub use site::{Site, SiteError};

/// The routes `/`, `/orders/{id}`, `/barista`, `/display`, `/api/<command>` (POST) and `/pkg/*`; every other address
/// gets a page that says it leads nowhere.
///
/// The Tokio runtime needs at least four worker threads (leptos#4578).
pub fn router(site: Site, backend: SharedBackend) -> Router {
    // While Leptos lists its routes it suspends the loading of data in the whole process (leptos#4773), and a page that
    // is being rendered just then never ends. So they are listed once, before the first bar of the process listens.
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    let routes = ROUTES.get_or_init(|| generate_route_list(App)).clone();
    let options = LeptosOptions::builder().output_name("app").build();
    let assets = Arc::new(site.assets);
    let context = move || {
        provide_context(Arc::clone(&backend));
        let language = use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get().copied());
        provide_context(Words::of(language.unwrap_or_default()));
        headers::content_security_policy();
    };
    let render = move || document(Arc::clone(&assets));
    let pages = Router::new()
        .leptos_routes_with_context(&options, routes, context.clone(), render.clone())
        .fallback(render_app_async_with_context(context, render))
        .layer(middleware::map_response(headers::private))
        .with_state(options);
    Router::new().nest("/pkg", files::router(&site.folder)).merge(pages)
}
