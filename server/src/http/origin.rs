//! Whether a request comes from a page of ours. Browsers send the origin of the page. The cookie alone is no proof,
//! because they send it with requests from other sites, too.

use http::{HeaderMap, header};

/// Whether the origin is `public_origin` or the host that the request is addressed to.
pub(crate) fn is_ours(headers: &HeaderMap, public_origin: Option<&str>) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return false };
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    public_origin == Some(origin) || (authority.is_some() && authority == text(header::HOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "bar.local:3000".parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_our_own_pages_may_connect() {
        assert!(is_ours(&headers(Some("http://bar.local:3000")), None));
        assert!(is_ours(&headers(Some("https://coffee.example")), Some("https://coffee.example")));
        for other in
            [None, Some("null"), Some("https://evil.example"), Some("http://bar.local"), Some("bar.local:3000")]
        {
            assert!(!is_ours(&headers(other), Some("https://coffee.example")), "{other:?}");
        }
    }
}
