//! The client of the live connection (`docs/PROTOCOL.md`).
//!
//! [`client`] decides; it is pure and tested natively. `browser` carries out its decisions with sockets, timers and
//! events. On the server, `Live` only provides what the page was rendered with.

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
    /// The status of the connection.
    pub(crate) status: RwSignal<ConnectionStatus>,
    /// The server's time, for ages and countdowns.
    pub(crate) clock: PageClock,
    #[cfg(feature = "hydrate")]
    driver: StoredValue<std::rc::Rc<browser::Driver>, LocalStorage>,
}

/// Provides the live connection to the page. It opens with the first subscription.
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

/// The live connection of the page.
pub(crate) fn use_live() -> Live {
    expect_context::<Live>()
}

impl Live {
    /// Subscribes to a topic until the page is left. Without a snapshot the state is `None` until one comes.
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

    /// Polls the topics unless they are live, so that the page shows the effect of a command.
    pub(crate) fn refresh(self) {
        #[cfg(feature = "hydrate")]
        self.driver.with_value(browser::Driver::refresh);
    }

    /// The state of the bar.
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

    /// Calls `read` whenever the menu has changed since the page was rendered.
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

    /// An order.
    pub(crate) fn order(self, topic: Topic, start: Option<Snapshot>) -> Memo<Option<OrderView>> {
        let state = self.subscribe(topic, start);
        Memo::new(move |_| match state.get() {
            Some(TopicState::Order(order)) => Some(*order),
            _ => None,
        })
    }

    /// The tickets of the bar.
    pub(crate) fn queue(self, start: Snapshot) -> Memo<Vec<Ticket>> {
        let state = self.subscribe(Topic::Queue, Some(start));
        Memo::new(move |_| match state.get() {
            Some(TopicState::Queue(tickets)) => tickets,
            _ => Vec::new(),
        })
    }
}
