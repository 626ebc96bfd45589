//! The wake lock, which keeps the screen on.

use leptos::prelude::*;

/// Whether the screen stays on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WakeState {
    /// Not requested, or released.
    Off,
    /// The screen stays on while the page is visible.
    On,
    /// The browser cannot or may not keep the screen on.
    Unavailable,
}

/// Keeps the screen on. Browsers release the lock when the page is hidden, so it is requested again when the page is
/// visible.
#[derive(Debug, Clone, Copy)]
pub struct WakeLock {
    state: RwSignal<WakeState>,
    #[cfg(feature = "hydrate")]
    wanted: StoredValue<bool>,
    #[cfg(feature = "hydrate")]
    sentinel: StoredValue<Option<wasm_bindgen::JsValue>, LocalStorage>,
}

impl Default for WakeLock {
    fn default() -> Self {
        Self::new()
    }
}

impl WakeLock {
    /// The wake lock of a page, not requested.
    pub fn new() -> Self {
        Self {
            state: RwSignal::new(WakeState::Off),
            #[cfg(feature = "hydrate")]
            wanted: StoredValue::new(false),
            #[cfg(feature = "hydrate")]
            sentinel: StoredValue::new_local(None),
        }
    }

    /// The state that the browser has reported.
    pub fn state(self) -> WakeState {
        self.state.get()
    }

    /// Keeps the screen on until [`WakeLock::release`] or until the page is left.
    pub fn request(self) {
        #[cfg(feature = "hydrate")]
        if !self.wanted.get_value() {
            self.wanted.set_value(true);
            self.ask();
            let seen = window_event_listener_untyped("visibilitychange", move |_| self.ask());
            // The event of the document bubbles up to the window.
            on_cleanup(move || seen.remove());
        }
    }

    /// Releases the lock.
    pub fn release(self) {
        #[cfg(feature = "hydrate")]
        {
            self.wanted.set_value(false);
            if let Some(sentinel) = self.sentinel.try_update_value(Option::take).flatten() {
                super::js::call(&sentinel, "release", &[]);
            }
        }
        self.state.set(WakeState::Off);
    }

    #[cfg(feature = "hydrate")]
    fn ask(self) {
        use super::js::{call, get, global, set, wait};
        use wasm_bindgen::prelude::{Closure, JsValue};
        if !self.wanted.try_get_value().unwrap_or(false) {
            return;
        }
        let lock = global("navigator").and_then(|navigator| get(&navigator, "wakeLock"));
        let Some(promise) = lock.and_then(|lock| call(&lock, "request", &["screen".into()])) else {
            self.state.set(WakeState::Unavailable);
            return;
        };
        wait(&promise, move |sentinel: Option<JsValue>| {
            let Some(sentinel) = sentinel else {
                // Forbidden while the page is hidden, and perhaps with a low battery. It is requested again when the
                // page is visible.
                self.state.try_set(WakeState::Unavailable);
                return;
            };
            let released = Closure::<dyn FnMut()>::new(move || _ = self.state.try_set(WakeState::Off));
            set(&sentinel, "onrelease", released.as_ref());
            released.forget();
            self.state.try_set(WakeState::On);
            self.sentinel.try_set_value(Some(sentinel));
        });
    }
}
