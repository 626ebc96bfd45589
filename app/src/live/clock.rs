//! The server's time as the page knows it.

use domain::Timestamp;
use leptos::prelude::*;

/// A clock that starts at the time the page was rendered, so that server and browser render the same, and ticks every
/// second once the page is live. It follows the server, not the device: a wrong clock in a television does no harm.
#[derive(Clone, Copy)]
pub(crate) struct PageClock {
    now: RwSignal<Timestamp>,
    /// How far the server's clock is ahead of the device's, in milliseconds; nothing before the first word of it.
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
            // The first word came with the page, and the page may have waited long for its script.
            let waited = if self.ahead.get_value().is_none() { super::browser::page_age_millis() } else { 0 };
            self.ahead.set_value(Some(server.0 + waited - super::browser::device_millis()));
        }
        self.now.set(server);
    }

    #[cfg(feature = "hydrate")]
    pub(super) fn tick(self) {
        let Some(ahead) = self.ahead.get_value() else { return };
        self.now.set(Timestamp(super::browser::device_millis() + ahead));
        if !self.ticking.get_untracked() {
            self.ticking.set(true);
        }
    }
}
