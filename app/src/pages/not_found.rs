//! The page for unknown paths.

use leptos::prelude::*;

use crate::{
    components::{LanguageSwitch, Logo},
    i18n::messages,
};

/// Says that there is no such page, with a link to the menu.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    let t = messages();
    view! {
        <main class="page trouble">
            <Logo />
            <h1>{t.common_lost_title()}</h1>
            <p>{t.common_lost_sentence()}</p>
            <p><a class="button primary" href="/" rel="external">{t.common_go_to_menu()}</a></p>
        </main>
        <footer><LanguageSwitch /></footer>
    }
}
