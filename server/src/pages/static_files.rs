//! Serves the files that Trunk has built, with caching. Files whose name contains a digest never change.

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    middleware,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use tower_http::services::ServeDir;

/// How much of a file is read at once. For a client that reads nothing, the server holds about three times as much.
const CHUNK_BYTES: usize = 32 << 10;

/// Serves `folder`, preferably the compressed files beside the originals (`.br`, `.gz`). A file that is requested in
/// another version (`?v=`) than `version` gets 404, so that a page of an older server notices the update.
pub(super) fn router(folder: &Path, version: &str) -> Router {
    let files = ServeDir::new(folder)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false)
        .with_buf_chunk_size(CHUNK_BYTES);
    Router::new().fallback_service(files).layer(middleware::from_fn_with_state(Arc::from(version), cache))
}

async fn cache(State(version): State<Arc<str>>, request: Request, next: Next) -> Response {
    let wanted = request.uri().query().and_then(|query| query.strip_prefix("v="));
    if wanted.is_some_and(|wanted| *wanted != *version) {
        return (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response();
    }
    let hashed = is_hashed(request.uri().path()) || wanted.is_some();
    // The service worker controls pages outside of its own folder.
    let worker = request.uri().path() == "/service-worker.js";
    let mut response = next.run(request).await;
    let policy = match (response.status().is_success(), hashed) {
        (true, true) => "public, max-age=31536000, immutable",
        (true, false) => "public, max-age=3600",
        (false, _) => "no-store",
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
    if worker {
        response.headers_mut().insert("service-worker-allowed", HeaderValue::from_static("/"));
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // A worker has its own policy. This one only fetches from this server.
        let policy = HeaderValue::from_static("default-src 'none'; connect-src 'self'");
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Trunk writes `<name>-<digest>.<ending>` and `<name>-<digest>_bg.wasm`, with up to 16 hexadecimal digits and without
/// leading zeros.
fn is_hashed(path: &str) -> bool {
    let Some((_, tail)) = path.rsplit_once('-') else { return false };
    let digits = tail.bytes().take_while(u8::is_ascii_hexdigit).count();
    let ending = tail.get(digits..).unwrap_or_default();
    (12..=16).contains(&digits) && (ending.starts_with('.') || ending.starts_with("_bg."))
}

#[cfg(test)]
mod tests {
    use super::is_hashed;

    #[test]
    fn only_files_with_a_digest_in_their_name_are_immutable() {
        assert!(is_hashed("/app-0123456789abcdef.js"));
        assert!(is_hashed("/app-0123456789abcdef_bg.wasm"));
        assert!(is_hashed("/tokens-5c1d8bd1e4a0f6b2.css"));
        assert!(is_hashed("/barista-73026c4a53b433a.css"));
        assert!(!is_hashed("/drinks/flat-white.svg"));
        assert!(!is_hashed("/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"));
        assert!(!is_hashed("/index.html"));
    }
}
