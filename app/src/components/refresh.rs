//! Reloading without scripts.

use leptos::prelude::*;

/// Reloads the page periodically if JavaScript is off, if the WebAssembly cannot be loaded, or if the page has no data
/// to hydrate (see `document::hydration`).
#[component]
pub(crate) fn NoScriptRefresh(
    /// The period.
    seconds: u8,
) -> impl IntoView {
    // As text, because a browser with JavaScript does not parse `noscript`, so there must be no elements to hydrate.
    view! {
        <div data-refresh=seconds.to_string() hidden></div>
        <noscript inner_html=format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">")></noscript>
    }
}
