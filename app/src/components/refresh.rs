//! Pages that stay true without JavaScript.

use leptos::prelude::*;

/// Loads the page again every so many seconds where there is no JavaScript, or where it cannot be loaded (see
/// `document::Hydration`).
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
