//! A screen that stays on.

use leptos::prelude::*;

/// Whether the screen stays on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WakeState {
    /// Nobody has asked for it, or it was let go.
    Off,
    /// It stays on while the page is seen.
    On,
    /// The browser cannot, or may not, keep it on.
    Unavailable,
}

/// Keeps the screen on. Browsers let go when the page is hidden, so it is asked for again when the page is seen.
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
    /// One for the page; it asks for nothing yet.
    pub fn new() -> Self {
        Self {
            state: RwSignal::new(WakeState::Off),
            #[cfg(feature = "hydrate")]
            wanted: StoredValue::new(false),
            #[cfg(feature = "hydrate")]
            sentinel: StoredValue::new_local(None),
        }
    }

    /// Whether the screen stays on, as far as the browser says.
    pub fn state(self) -> WakeState {
        self.state.get()
    }

    /// Keeps the screen on from now until [`WakeLock::release`] or until the page is left.
    pub fn request(self) {
        #[cfg(feature = "hydrate")]
        if !self.wanted.get_value() {
            self.wanted.set_value(true);
            self.ask();
            let seen = window_event_listener_untyped("visibilitychange", move |_| self.ask());
            // The event is the document's and bubbles up to the window.
            on_cleanup(move || seen.remove());
        }
    }

    /// Lets the screen go dark again.
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
                // A hidden page may not ask; it asks again when it is seen. An empty battery may forbid it too.
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
