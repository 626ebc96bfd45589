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
    offset: StoredValue<Option<i64>>,
    hydrated: RwSignal<bool>,
}

impl PageClock {
    pub(super) fn new() -> Self {
        Self {
            now: RwSignal::new(Timestamp::default()),
            #[cfg(feature = "hydrate")]
            offset: StoredValue::new(None),
            hydrated: RwSignal::new(false),
        }
    }

    /// The server's time. Reactive: changes once a second.
    pub(crate) fn now(self) -> Timestamp {
        self.now.get()
    }

    /// Whether the page is hydrated. Before that it must render exactly what the server has rendered.
    pub(crate) fn is_hydrated(self) -> bool {
        self.hydrated.get()
    }

    /// Sets the clock to a time from the server.
    pub(crate) fn set(self, server: Timestamp) {
        #[cfg(feature = "hydrate")]
        {
            // The first time came with the page, when the steady clock began.
            let steady = if self.offset.get_value().is_none() { 0 } else { steady_millis() };
            self.offset.set_value(Some(server.0 - steady));
        }
        self.now.set(server);
    }

    /// The server's time at a moment of the steady clock.
    #[cfg(feature = "hydrate")]
    pub(super) fn at(self, steady_millis: i64) -> Timestamp {
        Timestamp(steady_millis + self.offset.get_value().unwrap_or_default())
    }

    #[cfg(feature = "hydrate")]
    pub(super) fn tick(self) {
        if self.offset.get_value().is_none() {
            return;
        }
        self.now.set(self.at(steady_millis()));
        if !self.hydrated.get_untracked() {
            self.hydrated.set(true);
        }
    }
}
