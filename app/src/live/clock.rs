//! The server's time on a page.

use domain::Timestamp;
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
use crate::device::steady_millis;

/// A clock that starts at the time of rendering, so that server and browser render the same, and ticks once a second
/// after hydration. It follows the server's clock, because the device's may be wrong.
#[derive(Clone, Copy)]
pub(crate) struct PageClock {
    now: RwSignal<Timestamp>,
    /// The difference between the server's clock and the steady clock, in milliseconds. `None` before the first time
    /// from the server.
    #[cfg(feature = "hydrate")]
    ahead: StoredValue<Option<i64>>,
    ticking: RwSignal<bool>,
}

impl PageClock {
    pub(super) fn new() -> Self {
        Self {
            now: RwSignal::new(Timestamp::default()),
            #[cfg(feature = "hydrate")]
            ahead: StoredValue::new(None),
            ticking: RwSignal::new(false),
        }
    }

    /// The server's time. Reactive: changes once a second.
    pub(crate) fn now(self) -> Timestamp {
        self.now.get()
    }

    /// Whether the page is hydrated. Before that it must render exactly what the server has rendered.
    pub(crate) fn ticking(self) -> bool {
        self.ticking.get()
    }

    /// Sets the clock to a time from the server.
    pub(crate) fn set(self, server: Timestamp) {
        #[cfg(feature = "hydrate")]
        {
            // The first time came with the page, when the steady clock began.
            let steady = if self.ahead.get_value().is_none() { 0 } else { steady_millis() };
            self.ahead.set_value(Some(server.0 - steady));
        }
        self.now.set(server);
    }

    /// The server's time at a moment of the steady clock.
    #[cfg(feature = "hydrate")]
    pub(super) fn at(self, steady_millis: i64) -> Timestamp {
        Timestamp(steady_millis + self.ahead.get_value().unwrap_or_default())
    }

    #[cfg(feature = "hydrate")]
    pub(super) fn tick(self) {
        if self.ahead.get_value().is_none() {
            return;
        }
        self.now.set(self.at(steady_millis()));
        if !self.ticking.get_untracked() {
            self.ticking.set(true);
        }
    }
}
