//! The data of a page is sent with the page: the server renders the page from it, and the browser hydrates the page
//! with it. So nothing is loaded twice.

use leptos::prelude::*;
#[cfg(not(feature = "hydrate"))]
use leptos::tachys::reactive_graph::OwnedView;
#[cfg(not(feature = "hydrate"))]
use serde::Serialize;

use crate::{
    error::Failed,
    live::{self, use_live},
    location,
};

/// The id of the element with the data, as JSON.
pub(crate) const PAGE_DATA_ID: &str = "seed";

/// The id of the element that is hydrated. Elements next to it, such as those of browser extensions, do no harm.
pub(crate) const ROOT: &str = "root";

/// The id of the element with the time of the last rendering.
pub(crate) const RENDERED_AT: &str = "rendered-at";

/// Provides what every page has: its address and a live connection.
pub(crate) fn provide() {
    location::provide();
    live::provide();
}

/// The last element of every page. Its `data-now` (milliseconds since 1970) changes once a second while the page is
/// hydrated. The script in `document::hydration` reads it.
#[component]
fn RenderedAt() -> impl IntoView {
    let live = use_live();
    view! { <div id=RENDERED_AT data-now=move || live.clock.now().0.to_string() hidden></div> }
}

/// Renders a page with its data, and a copy of the data for the browser. If the data cannot be loaded, renders an error
/// page, which has no data and is not hydrated.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn render<T: Serialize + 'static>(
    data: impl Future<Output = Result<T, crate::error::CommandError>> + Send + 'static,
    show: fn(T) -> AnyView,
    error_page: fn(crate::error::CommandError) -> AnyView,
) -> AnyView {
    let view = Suspend::new(async move {
        let view = match data.await {
            Ok(data) => {
                // If the data cannot be serialized, the page works as without JavaScript.
                let json = serde_json::to_string(&(use_context::<Failed>(), &data)).unwrap_or_default();
                let json = json.replace('<', "\\u003c");
                let page_data = view! { <script type="application/json" id=PAGE_DATA_ID inner_html=json></script> };
                (show(data), RenderedAt(), page_data).into_any()
            }
            Err(error) => error_page(error),
        };
        // A suspended view is rendered outside of this owner, where closures would find no context.
        OwnedView::new(view)
    });
    view.into_any()
}

/// Hydrates the page that the server has rendered, if it has data.
#[cfg(feature = "hydrate")]
pub(crate) fn hydrate<T: crate::json::FromJson + 'static>(show: fn(T) -> AnyView) {
    use wasm_bindgen::JsCast as _;

    let Some((failed, data)) = read::<T>() else { return };
    let page: Box<dyn FnOnce() -> AnyView> = Box::new(move || show(data));
    let Some(root) = document().get_element_by_id(ROOT).and_then(|root| root.dyn_into().ok()) else { return };
    crate::failure::dispatch("hydrating");
    let page = leptos::mount::hydrate_from(root, move || {
        if let Some(failed) = failed {
            provide_context(failed);
        }
        provide();
        (page(), RenderedAt())
    });
    page.forget();
}

#[cfg(feature = "hydrate")]
fn read<T: crate::json::FromJson>() -> Option<(Option<Failed>, T)> {
    use crate::json::{FromJson as _, Json};

    let text = document().get_element_by_id(PAGE_DATA_ID)?.text_content()?;
    <(Option<Failed>, T)>::from_json(&Json::parse(&text)?)
}
