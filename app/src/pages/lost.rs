//! A path that leads nowhere.

use leptos::prelude::*;

use crate::components::Mark;

/// Says so, and where to go.
#[component]
pub(crate) fn LostPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <main class="page trouble">
            <Mark />
            <h1>"There is nothing here"</h1>
            <p>"This address leads nowhere. The menu is one tap away."</p>
            <p><a class="button primary" href="/" rel="external">"Go to the menu"</a></p>
        </main>
    }
}
