//! Panics in a browser. The WebAssembly then stops, and the script of the document shows a notice.

use std::{
    panic,
    sync::atomic::{AtomicBool, Ordering},
};

use leptos::prelude::window;
use web_sys::Event;

static FAILED: AtomicBool = AtomicBool::new(false);

/// True after a panic. The browser still calls timers and sockets of the WebAssembly, which must not render half of a
/// page.
pub(crate) fn has_failed() -> bool {
    FAILED.load(Ordering::Relaxed)
}

/// Makes every panic stop the page (`document::hydration`). A development build also logs it to the console.
pub(crate) fn report_panics() {
    panic::set_hook(Box::new(|_panic| {
        FAILED.store(true, Ordering::Relaxed);
        dispatch("failed");
        #[cfg(debug_assertions)]
        console_error_panic_hook::hook(_panic);
    }));
}

/// Dispatches an event for the scripts of the document (`document::hydration`).
pub(crate) fn dispatch(what: &str) {
    if let Ok(event) = Event::new(what) {
        _ = window().dispatch_event(&event);
    }
}
