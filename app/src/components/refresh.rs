//! Pages that come true again by themselves.

use std::time::Duration;

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

/// Loads the page again after so many seconds, in every browser: for a page that could not be made.
#[component]
pub(crate) fn Retry(
    /// How soon.
    seconds: u8,
) -> impl IntoView {
    Effect::new(move |_| {
        // A page that cannot be loaded again now stays as it is, with its button.
        set_timeout(|| _ = window().location().reload(), Duration::from_secs(u64::from(seconds)));
    });
    view! { <NoScriptRefresh seconds=seconds /> }
}
