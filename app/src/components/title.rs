//! The title of the tab.

use leptos::prelude::*;

/// The title that the page shown has given itself.
#[cfg(not(feature = "hydrate"))]
#[derive(Clone)]
struct PageTitle(ArcRwSignal<String>);

/// The title of any page, for those to set that have one of their own.
///
/// The head of the document is written after the page's own signals may be gone, and outside of their arena, so the
/// title reads a signal that is counted by references; a signal or memo of the page would panic now and then.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn title() -> impl IntoView {
    let title = ArcRwSignal::new("Doppio".to_owned());
    provide_context(PageTitle(title.clone()));
    view! { <leptos_meta::Title text=move || title.get() /> }
}

/// Gives the page its title.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn set_title(text: impl Fn() -> String + 'static) {
    let PageTitle(title) = expect_context();
    title.set(untrack(&text));
}

/// Keeps the page's title true.
#[cfg(feature = "hydrate")]
pub(crate) fn set_title(text: impl Fn() -> String + 'static) {
    Effect::new(move |_| document().set_title(&text()));
}
