//! The address of the page, and navigation within a page.
//!
//! Other pages are other documents, which the server renders. Only the query (`/?drink=Latte`) changes without the
//! server, by links that have `data-noscroll`. So the pages need no router.

#[cfg(feature = "hydrate")]
mod browser;

use leptos::prelude::*;

/// The location of the page.
#[derive(Clone, Copy)]
pub(crate) struct Location {
    /// The part of the address after the question mark.
    query: RwSignal<String>,
}

/// Provides the location to the page, and the error of a form that was sent without JavaScript. On the server that
/// error is in the extensions of the request; in the browser it is in the page data.
pub(crate) fn provide() {
    let (_, query) = current();
    #[cfg(feature = "ssr")]
    if let Some(failed) =
        use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get::<crate::error::Failed>().cloned())
    {
        provide_context(failed);
    }
    let query = RwSignal::new(query);
    #[cfg(feature = "hydrate")]
    browser::follow(query);
    provide_context(Location { query });
}

/// The location of the page.
pub(crate) fn use_location() -> Location {
    expect_context()
}

impl Location {
    /// A value of the query. Reactive.
    pub(crate) fn query(self, name: &str) -> Option<String> {
        self.query.with(|query| value(query, name))
    }

    /// Shows the page with another query (`/`, `/?drink=Latte`).
    #[cfg_attr(not(feature = "hydrate"), expect(clippy::unused_self, reason = "the server does not navigate"))]
    pub(crate) fn show(self, address: &str) {
        #[cfg(feature = "hydrate")]
        browser::show(self.query, address);
        #[cfg(not(feature = "hydrate"))]
        let _ = address;
    }

    /// Goes to another page.
    #[cfg_attr(not(feature = "hydrate"), expect(clippy::unused_self, reason = "the server does not navigate"))]
    pub(crate) fn leave(self, address: &str) {
        #[cfg(feature = "hydrate")]
        browser::leave(address);
        #[cfg(not(feature = "hydrate"))]
        let _ = address;
    }
}

/// The path and the query of the page.
#[cfg(feature = "hydrate")]
pub(crate) fn current() -> (String, String) {
    browser::current()
}

/// The path and the query of the page.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn current() -> (String, String) {
    #[cfg(feature = "ssr")]
    if let Some(parts) = use_context::<http::request::Parts>() {
        return (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned());
    }
    (String::new(), String::new())
}

/// The last segment of the path: the id in `/orders/<id>`.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn last_segment() -> String {
    current().0.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}

/// The first value of that name in a query, decoded.
#[cfg(feature = "hydrate")]
fn value(query: &str, name: &str) -> Option<String> {
    web_sys::UrlSearchParams::new_with_str(query).ok()?.get(name)
}

/// The first value of that name in a query, decoded.
#[cfg(not(feature = "hydrate"))]
fn value(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn query_values_are_found_and_decoded() {
        assert_eq!(value("drink=Flat%20White", "drink").as_deref(), Some("Flat White"));
        assert_eq!(value("a=1&drink=caff%C3%A8+crema&drink=tea", "drink").as_deref(), Some("caffè crema"));
        assert_eq!(value("drink", "drink").as_deref(), Some(""));
        assert_eq!(value("", "drink"), None);
    }

    #[test]
    fn malformed_percent_encoding_is_kept() {
        assert_eq!(value("a=100%&b=%4", "a").as_deref(), Some("100%"));
        assert_eq!(value("a=100%&b=%4", "b").as_deref(), Some("%4"));
        assert_eq!(value("a=%zz%FF", "a").as_deref(), Some("%zz\u{fffd}"));
    }
}
