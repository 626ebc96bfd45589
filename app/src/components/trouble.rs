//! Errors, in words.

use leptos::prelude::*;

use super::{Icon, Mark, Sign, refresh::Retry};
use crate::error::CommandError;

/// Why a command had no effect. The region is always there, so that screen readers announce what appears in it.
#[component]
pub(crate) fn Alert(
    /// The words, when there are any.
    #[prop(into)]
    words: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div class="alert" role="alert">
            {move || words.get().map(|words| view! { <p><Icon sign=Sign::Warning />{words}</p> })}
        </div>
    }
}

/// A page that could not be made. It tries again by itself when that may help.
#[component]
pub(crate) fn Trouble(
    /// Why.
    error: CommandError,
    /// Where to go instead, and what that is called.
    #[prop(default = ("/", "Go to the menu"))]
    link: (&'static str, &'static str),
) -> impl IntoView {
    let passing = matches!(error, CommandError::Unavailable | CommandError::Offline);
    view! {
        {passing.then(|| view! { <Retry seconds=8 /> })}
        <main class="page trouble">
            <Mark />
            <h1>"Hm, not this way"</h1>
            <p>{error.to_string()}</p>
            <p><a class="button primary" href=link.0 rel="external">{link.1}</a></p>
        </main>
    }
}
