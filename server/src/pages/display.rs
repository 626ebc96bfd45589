//! The pages of the display. They are rendered completely on the server, without WebAssembly (docs/adr/0008).

use std::sync::Arc;

use app::{
    backend::{Backend, SharedBackend, Viewer},
    display::{self, Board, DisplayFiles, DisplayRequest, OwnOrder},
    error::CommandError,
    i18n::Messages,
    loaders::Snapshot,
};
use axum::{
    Extension, Router,
    extract::{RawQuery, State},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use domain::{Language, live::Topic};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use leptos::nonce::Nonce;

/// No site may show the page in a frame.
const NO_SITE: &str = "'none'";

/// The state of the handlers.
#[derive(Clone)]
struct DisplayState {
    backend: SharedBackend,
    files: Arc<DisplayFiles>,
    public_origin: Option<Arc<str>>,
    /// The sources of `frame-ancestors` for the board.
    framed_by: Arc<str>,
}

/// The routes `/display`, `/display/setup` and `/display/mine`, with and without a slash at the end as for all pages.
///
/// `framed_by` are the origins whose pages may show `/display` in a frame.
pub(super) fn router(
    backend: SharedBackend,
    files: DisplayFiles,
    public_origin: Option<Arc<str>>,
    framed_by: &[String],
) -> Router {
    let framed_by = if framed_by.is_empty() { NO_SITE.into() } else { framed_by.join(" ").into() };
    let (wall, setup, mine) =
        (get(wall).fallback(not_found), get(setup).fallback(not_found), get(mine).fallback(not_found));
    Router::new()
        .route("/display", wall.clone())
        .route("/display/", wall)
        .route("/display/setup", setup.clone())
        .route("/display/setup/", setup)
        .route("/display/mine", mine.clone())
        .route("/display/mine/", mine)
        .with_state(DisplayState { backend, files: Arc::new(files), public_origin, framed_by })
}

/// These pages only answer GET.
async fn not_found() -> StatusCode {
    StatusCode::NOT_FOUND
}

async fn wall(
    State(shared): State<DisplayState>,
    Extension(viewer): Extension<Viewer>,
    Extension(language): Extension<Language>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let board = read(&*shared.backend, &viewer).await;
    shared.respond(language, &headers, query, &shared.framed_by, |request| {
        board.map(|board| display::wall(request, &board))
    })
}

async fn setup(
    State(shared): State<DisplayState>,
    Extension(language): Extension<Language>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    shared.respond(language, &headers, query, NO_SITE, |request| Ok(display::setup(request)))
}

async fn mine(
    State(shared): State<DisplayState>,
    Extension(viewer): Extension<Viewer>,
    Extension(language): Extension<Language>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let board = read(&*shared.backend, &viewer).await;
    let order = shared.backend.current_order(&viewer.customer).await.ok().flatten();
    let order = order.map(|order| OwnOrder { id: order.id, number: order.number });
    shared.respond(language, &headers, query, NO_SITE, |request| {
        board.map(|board| display::mine(request, &board, order.as_ref()))
    })
}

async fn read(backend: &dyn Backend, viewer: &Viewer) -> Result<Board, CommandError> {
    let snapshot = async |topic: Topic| {
        let (state, position) = backend.topic(viewer, &topic).await?;
        Ok::<_, CommandError>(Snapshot { topic, state, position })
    };
    Ok(Board { board: snapshot(Topic::Board).await?, shop: snapshot(Topic::Shop).await?, now: backend.now() })
}

impl DisplayState {
    /// Renders a page, or an error page, with its Content-Security-Policy.
    fn respond(
        &self,
        language: Language,
        headers: &HeaderMap,
        query: Option<String>,
        framed_by: &str,
        page: impl FnOnce(&DisplayRequest<'_>) -> Result<String, CommandError>,
    ) -> Response {
        let nonce = Nonce::new();
        let request = DisplayRequest {
            files: &self.files,
            nonce: &nonce,
            query: query.as_deref().unwrap_or_default(),
            messages: Messages::of(language),
            origin: &self.origin(headers),
        };
        let (status, html) = match page(&request) {
            Ok(html) => (StatusCode::OK, html),
            Err(error) => {
                tracing::warn!(%error, "the display cannot be shown");
                (StatusCode::SERVICE_UNAVAILABLE, display::trouble(&request))
            }
        };
        let policy = format!(
            "default-src 'self'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; worker-src 'self'; \
             object-src 'none'; base-uri 'none'; frame-ancestors {framed_by}; form-action 'self'"
        );
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        (status, [(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
    }

    /// The URL for guests: the configured one, else the one by which the display is connected.
    fn origin(&self, headers: &HeaderMap) -> String {
        let host = || headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        self.public_origin.as_deref().map_or_else(|| format!("http://{}", host()), str::to_owned)
    }
}
