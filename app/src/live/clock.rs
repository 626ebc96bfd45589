//! The server's time as the page knows it.

use domain::Timestamp;
use leptos::prelude::*;

/// A clock that starts at the time the page was rendered, so that server and browser render the same, and ticks every
/// second once the page is live. It follows the server, not the device: a wrong clock in a television does no harm.
#[derive(Clone, Copy)]
pub(crate) struct PageClock {
    now: RwSignal<Timestamp>,
    #[cfg(feature = "hydrate")]
    ahead: StoredValue<i64>,
    ticking: RwSignal<bool>,
}

impl PageClock {
    pub(super) fn new() -> Self {
        Self {
            now: RwSignal::new(Timestamp::default()),
            #[cfg(feature = "hydrate")]
            ahead: StoredValue::new(0),
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
        self.ahead.set_value(server.0 - super::browser::device_millis());
        self.now.set(server);
    }

    #[cfg(feature = "hydrate")]
    pub(super) fn tick(self) {
        self.now.set(Timestamp(super::browser::device_millis() + self.ahead.get_value()));
        if !self.ticking.get_untracked() {
            self.ticking.set(true);
        }
    }
}
