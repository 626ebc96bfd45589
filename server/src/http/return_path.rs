//! The page that a form was sent from, as a path on this server.

use http::{HeaderMap, Uri, header};

/// Path and query of the page that the form was sent from. `None` when the browser does not send it, or when it could
/// be read as the address of another site.
pub(crate) fn return_path(headers: &HeaderMap) -> Option<String> {
    let referrer = headers.get(header::REFERER)?.to_str().ok()?;
    own_path(referrer)
}

/// Path and query of a URL, whatever its host. `None` when they could be read as the address of another site.
pub(crate) fn own_path(address: &str) -> Option<String> {
    // Browsers treat a backslash as a slash, and two slashes begin a host name.
    if address.contains('\\') {
        return None;
    }
    let uri = address.parse::<Uri>().ok()?;
    let path = uri.path_and_query()?.as_str();
    (path.starts_with('/') && !path.starts_with("//")).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_redirects_to_its_page_and_never_to_another_site() {
        assert_eq!(own_path("http://bar.example/orders/a?x=1").as_deref(), Some("/orders/a?x=1"));
        assert_eq!(own_path("http://evil.example/x").as_deref(), Some("/x"), "only the path is used");
        for other in [
            "http://bar.example//elsewhere.example/x",
            "//evil.example/",
            r"/\evil.example",
            r"http://bar.example/\evil.example",
            "javascript:alert(1)",
            "nonsense",
            "",
        ] {
            assert_eq!(own_path(other), None, "{other:?}");
        }
        assert_eq!(return_path(&HeaderMap::new()), None);
    }
}
