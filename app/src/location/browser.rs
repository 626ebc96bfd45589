//! The location of a page in a browser.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Element, Event, EventTarget, MouseEvent};

/// The path and the query of the page.
pub(super) fn current() -> (String, String) {
    let location = window().location();
    let query = location.search().unwrap_or_default();
    (location.pathname().unwrap_or_default(), query.trim_start_matches('?').to_owned())
}

/// Updates `query` when the reader goes back or forth, or follows a link within the page.
pub(super) fn follow(query: RwSignal<String>) {
    listen(window().as_ref(), "popstate", move |_| query.set(current().1));
    listen(document().as_ref(), "click", move |event| {
        if let Some(href) = followed_link(&event) {
            event.prevent_default();
            show(query, &href);
        }
    });
}

fn listen(target: &EventTarget, event: &str, handler: impl FnMut(Event) + 'static) {
    let handler = Closure::<dyn FnMut(Event)>::new(handler);
    // A browser without the event loads the page instead.
    _ = target.add_event_listener_with_callback(event, handler.as_ref().unchecked_ref());
    handler.forget();
}

/// The address of a link within the page that was followed in this tab.
fn followed_link(event: &Event) -> Option<String> {
    let tap = event.dyn_ref::<MouseEvent>()?;
    if tap.button() != 0 || tap.ctrl_key() || tap.meta_key() || tap.shift_key() || tap.alt_key() {
        return None;
    }
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest("a[data-noscroll]").ok()??.get_attribute("href")
}

pub(super) fn show(query: RwSignal<String>, address: &str) {
    let shown = window().history().and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(address)));
    match shown {
        Ok(()) => query.set(current().1),
        Err(_) => leave(address),
    }
}

pub(super) fn leave(address: &str) {
    // It fails for a malformed address, which ours are not.
    _ = window().location().assign(address);
}
