//! The server's time as the page knows it.

use domain::Timestamp;
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
use crate::device::steady_millis;

/// A clock that starts at the time the page was rendered, so that server and browser render the same, and ticks every
/// second once the page is live. It follows the server, not the device: a wrong clock in a television does no harm.
#[derive(Clone, Copy)]
pub(crate) struct PageClock {
    now: RwSignal<Timestamp>,
    /// How far the server's clock is ahead of the steady clock, in milliseconds; nothing before the first word of it.
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

    /// The server's time; follows the seconds.
    pub(crate) fn now(self) -> Timestamp {
        self.now.get()
    }

    /// True once the page is live: before, it must show exactly what the server has rendered.
    pub(crate) fn ticking(self) -> bool {
        self.ticking.get()
    }

    /// Sets the clock to what the server has said.
    pub(crate) fn set(self, server: Timestamp) {
        #[cfg(feature = "hydrate")]
        {
            // The first word came with the page, when the steady clock began.
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
