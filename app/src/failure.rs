//! What happens when the WebAssembly of a page panics: it does nothing any more, and the script in the page says so.

use std::{
    panic,
    sync::atomic::{AtomicBool, Ordering},
};

use leptos::prelude::window;
use web_sys::Event;

static FAILED: AtomicBool = AtomicBool::new(false);

/// True after a panic. The browser still calls timers and sockets of WebAssembly that has panicked; they must not render
/// half of a page.
pub(crate) fn has_failed() -> bool {
    FAILED.load(Ordering::Relaxed)
}

/// Makes every panic end the page (`document::hydration`). A build for development also says on the console where it happened.
pub(crate) fn report_panics() {
    panic::set_hook(Box::new(|_panic| {
        FAILED.store(true, Ordering::Relaxed);
        dispatch("failed");
        #[cfg(debug_assertions)]
        console_error_panic_hook::hook(_panic);
    }));
}

/// Dispatches an event of this name for the scripts that stand in the page (`document::hydration`).
pub(crate) fn dispatch(what: &str) {
    if let Ok(event) = Event::new(what) {
        _ = window().dispatch_event(&event);
    }
}
