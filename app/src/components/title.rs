//! The title of the tab.

use leptos::prelude::*;

/// The title of the rendered page.
#[cfg(not(feature = "hydrate"))]
#[derive(Clone)]
struct PageTitle(ArcRwSignal<String>);

/// The title element. Pages set it with [`set_title`].
///
/// The head of the document is written after the signals of the page may be disposed, and outside of their arena. So
/// the title reads a reference-counted signal; a signal or memo of the page would sometimes panic.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn title() -> impl IntoView {
    let title = ArcRwSignal::new("Doppio".to_owned());
    provide_context(PageTitle(title.clone()));
    view! { <leptos_meta::Title text=move || title.get() /> }
}

/// Sets the title of the page.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn set_title(text: impl Fn() -> String + 'static) {
    let PageTitle(title) = expect_context();
    title.set(untrack(&text));
}

/// Sets the title of the page, and updates it.
#[cfg(feature = "hydrate")]
pub(crate) fn set_title(text: impl Fn() -> String + 'static) {
    Effect::new(move |_| document().set_title(&text()));
}
