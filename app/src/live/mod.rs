//! The browser's half of the live connection: `docs/PROTOCOL.md`, seen from the page.
//!
//! [`client`] decides (pure, tested natively), `browser` does what it decides (sockets, timers, events of the page).
//! On the server [`Live`] only hands out what the page was rendered with.

#[cfg(feature = "hydrate")]
mod browser;
pub mod client;
mod clock;
mod status;
#[cfg(any(feature = "hydrate", test))]
mod suspension;

use domain::{
    live::{Topic, TopicState},
    view::{OrderView, ShopView, Ticket},
};
use leptos::prelude::*;

pub(crate) use clock::PageClock;
pub use status::ConnectionStatus;

use crate::loaders::Snapshot;

/// The live connection of a page.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    /// Whether what the page shows is true now.
    pub(crate) status: RwSignal<ConnectionStatus>,
    /// The server's time, for ages and countdowns.
    pub(crate) clock: PageClock,
    #[cfg(feature = "hydrate")]
    driver: StoredValue<std::rc::Rc<browser::Driver>, LocalStorage>,
}

/// Gives all pages their live connection. It opens when a page watches something.
pub(crate) fn provide() {
    let status = RwSignal::new(ConnectionStatus::Connecting);
    let clock = PageClock::new();
    provide_context(Live {
        status,
        clock,
        #[cfg(feature = "hydrate")]
        driver: StoredValue::new_local(browser::Driver::start(status, clock)),
    });
}

/// The live connection.
pub(crate) fn use_live() -> Live {
    expect_context::<Live>()
}

impl Live {
    /// Watches a topic until the page is left. Without a snapshot it shows nothing until one comes.
    pub(crate) fn subscribe(self, topic: Topic, start: Option<Snapshot>) -> RwSignal<Option<TopicState>> {
        let state = RwSignal::new(start.as_ref().map(|snapshot| snapshot.state.clone()));
        #[cfg(feature = "hydrate")]
        {
            let driver = self.driver;
            let id = driver.with_value(|driver| driver.subscribe(topic, start, state));
            on_cleanup(move || {
                driver.try_with_value(|driver| driver.unsubscribe(id));
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = (topic, self.status);
        state
    }

    /// Reads the topics again unless they are live: after a command the page should show what it did.
    pub(crate) fn refresh(self) {
        #[cfg(feature = "hydrate")]
        self.driver.with_value(browser::Driver::refresh);
    }

    /// The bar, live.
    pub(crate) fn shop(self, start: Snapshot) -> Memo<ShopView> {
        let state = self.subscribe(Topic::Shop, Some(start));
        Memo::new(move |_| match state.get() {
            Some(TopicState::Shop(shop)) => shop,
            _ => ShopView {
                name: String::new(),
                state: domain::ShopState::Closed,
                in_queue: 0,
                wait: None,
                sold_out: domain::SoldOut::default(),
                menu: 0,
            },
        })
    }

    /// Calls `read` whenever the menu has changed since the page was made.
    pub(crate) fn on_new_menu(self, shop: Memo<ShopView>, read: impl Fn() + 'static) {
        let menu = Memo::new(move |_| shop.with(|shop| shop.menu));
        Effect::new(move |before: Option<u32>| {
            let now = menu.get();
            if before.is_some_and(|before| before != now) {
                read();
            }
            now
        });
    }

    /// An order, live.
    pub(crate) fn order(self, topic: Topic, start: Option<Snapshot>) -> Memo<Option<OrderView>> {
        let state = self.subscribe(topic, start);
        Memo::new(move |_| match state.get() {
            Some(TopicState::Order(order)) => Some(*order),
            _ => None,
        })
    }

    /// The order cards of the bar, live.
    pub(crate) fn queue(self, start: Snapshot) -> Memo<Vec<Ticket>> {
        let state = self.subscribe(Topic::Queue, Some(start));
        Memo::new(move |_| match state.get() {
            Some(TopicState::Queue(tickets)) => tickets,
            _ => Vec::new(),
        })
    }
}
