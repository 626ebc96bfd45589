//! The title of the tab.

use leptos::prelude::*;
use leptos_meta::Title;

/// The title that the page shown has given itself.
#[derive(Clone)]
struct PageTitle(ArcRwSignal<String>);

/// Gives all pages a title to set.
///
/// The head of the document is written after the page's own signals may be gone, and outside of their arena, so the
/// title reads a signal that is counted by references; a signal or memo of the page would panic now and then.
pub(crate) fn provide_title() -> impl IntoView {
    let title = ArcRwSignal::new("Doppio".to_owned());
    provide_context(PageTitle(title.clone()));
    view! { <Title text=move || title.get() /> }
}

/// Gives the page its title, and follows it.
pub(crate) fn set_title(text: impl Fn() -> String + 'static) {
    let PageTitle(title) = expect_context();
    title.set(untrack(&text));
    Effect::new(move |_| title.set(text()));
}
