//! Pages that come true again by themselves.

use leptos::prelude::*;

/// Loads the page again every so many seconds where there is no JavaScript, where it cannot be loaded, or where the page
/// has nothing that it could bring to life (see `document::hydration`).
#[component]
pub(crate) fn NoScriptRefresh(
    /// How often.
    seconds: u8,
) -> impl IntoView {
    // As text: with JavaScript, a browser does not look into `noscript`, so there must be no elements to take over.
    view! {
        <div data-refresh=seconds.to_string() hidden></div>
        <noscript inner_html=format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">")></noscript>
    }
}
