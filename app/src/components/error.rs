//! Error messages and the error page.

use leptos::prelude::*;

use super::{Icon, Sign};
#[cfg(not(feature = "hydrate"))]
use super::{Logo, NoScriptRefresh};
#[cfg(not(feature = "hydrate"))]
use crate::{
    error::CommandError,
    i18n::{error_text, messages},
};

/// Shows why a command had no effect. The region is always present, so that screen readers announce what appears in it.
#[component]
pub(crate) fn Alert(
    /// The text. `None` when there is none.
    #[prop(into)]
    text: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div class="alert" role="alert">
            {move || text.get().map(|text| view! { <p><Icon sign=Sign::Warning />{text}</p> })}
        </div>
    }
}

/// The page for an error. It reloads itself if that may help.
#[cfg(not(feature = "hydrate"))]
#[component]
pub(crate) fn ErrorPage(
    /// The error.
    error: CommandError,
    /// The address of the link; the page itself if loading it again may help.
    #[prop(default = "/")]
    link: &'static str,
) -> impl IntoView {
    let t = messages();
    let passing = matches!(error, CommandError::Unavailable | CommandError::Offline);
    view! {
        {passing.then(|| view! { <NoScriptRefresh seconds=8 /> })}
        <main class="page trouble">
            <Logo />
            <h1>{t.common_trouble_title()}</h1>
            <p>{error_text(&error)}</p>
            <p><a class="button primary" href=link rel="external">{if passing || link != "/" { t.common_try_again() } else { t.common_go_to_menu() }}</a></p>
        </main>
    }
}
