//! Implements [`app::backend::Backend`] with the orders, the shop and the hub.

use std::sync::Arc;

use app::{
    backend::{Backend, Viewer},
    error::{CommandError, Invalid},
};
use async_trait::async_trait;
use domain::{
    Actor, BaristaId, CustomerId, Language, Menu, OrderCommand, OrderId, Refusal, ShopState, Timestamp,
    live::{Resume, Topic, TopicState},
    menu::{MenuWords, SoldOutItem},
    past_drinks::PastDrink,
    view::{OrderView, Ticket},
};
use engine::clock::{Rng, uuid};

use crate::{
    access::Session,
    live::{TopicError, TopicLog, TopicSource},
    metrics::LiveMetrics,
    orders::{OrderError, Orders, StoredOrder},
    time::{self, Clocks},
};

/// The backend of the pages and of the live connections.
#[derive(Debug)]
pub(crate) struct ServerBackend {
    pub(crate) orders: Arc<Orders>,
    pub(crate) clocks: Clocks,
    pub(crate) rng: Arc<dyn Rng>,
}

impl ServerBackend {
    pub(crate) fn now(&self) -> Timestamp {
        time::now(&*self.clocks.orders)
    }

    /// The log of a topic, if the role of the viewer may read it. An order is for its customer only.
    pub(crate) async fn log(&self, viewer: &Viewer, topic: &Topic) -> Result<Arc<TopicLog>, CommandError> {
        let hub = &self.orders.hub;
        if !viewer.role.may_read(topic) {
            return Err(CommandError::StaffOnly);
        }
        if let Topic::Order(id) = topic {
            let stored = self.orders.find_and_publish(&Actor::Customer(viewer.customer.clone()), id).await?;
            return Ok(hub.order_topic(&stored.order));
        }
        hub.shared_topic(topic).ok_or(CommandError::Unavailable)
    }

    fn view(&self, stored: &StoredOrder) -> OrderView {
        self.orders.hub.view(&stored.order)
    }
}

impl From<OrderError> for CommandError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Refused(refusal) => Self::Refused(refusal),
            OrderError::Key => Self::Invalid(Invalid::OutOfDate),
            OrderError::Unavailable => Self::Unavailable,
        }
    }
}

impl TopicSource for ServerBackend {
    type Reader = Session;

    fn clocks(&self) -> &Clocks {
        &self.clocks
    }

    fn rng(&self) -> &dyn Rng {
        &*self.rng
    }

    fn metrics(&self) -> &LiveMetrics {
        &self.orders.metrics.live
    }

    async fn log(&self, session: &Session, topic: &Topic) -> Result<Arc<TopicLog>, TopicError> {
        let viewer = session.viewer(self.now());
        self.log(&viewer, topic).await.map_err(|error| match error {
            CommandError::StaffOnly | CommandError::Refused(Refusal::NotFound) => TopicError::Denied,
            _ => TopicError::Unavailable,
        })
    }
}

#[async_trait]
impl Backend for ServerBackend {
    async fn menu(&self) -> Result<Menu, CommandError> {
        Ok(self.orders.shop.menu().await.map_err(OrderError::from)?)
    }

    fn skipped_drinks(&self) -> Vec<String> {
        self.orders.shop.skipped()
    }

    async fn menu_words(&self, language: Language) -> Result<MenuWords, CommandError> {
        Ok(self.orders.shop.menu_words(language).await.map_err(OrderError::from)?)
    }

    async fn topic(&self, viewer: &Viewer, topic: &Topic) -> Result<(TopicState, Resume), CommandError> {
        Ok(self.log(viewer, topic).await?.current())
    }

    async fn current_order(&self, customer: &CustomerId) -> Result<Option<OrderView>, CommandError> {
        Ok(self.orders.current(customer).await?.map(|stored| self.view(&stored)))
    }

    async fn past_drinks(&self, customer: &CustomerId, menu: &Menu) -> Result<Vec<PastDrink>, CommandError> {
        Ok(self.orders.past(customer, menu).await?)
    }

    async fn start_order(&self, customer: &CustomerId, key: &str) -> Result<OrderView, CommandError> {
        Ok(self.view(&self.orders.start(customer, key).await?))
    }

    async fn submit_order(
        &self,
        customer: &CustomerId,
        order: Option<&OrderId>,
        key: &str,
        drink: &str,
        modifiers: &[String],
    ) -> Result<OrderView, CommandError> {
        Ok(self.view(&self.orders.submit(customer, order, key, drink, modifiers).await?))
    }

    async fn act_as_guest(
        &self,
        customer: &CustomerId,
        order: &OrderId,
        command: OrderCommand,
    ) -> Result<OrderView, CommandError> {
        Ok(self.view(&self.orders.execute(&Actor::Customer(customer.clone()), order, &command).await?))
    }

    async fn act_as_barista(
        &self,
        barista: &BaristaId,
        order: &OrderId,
        command: OrderCommand,
    ) -> Result<Option<Ticket>, CommandError> {
        let stored = self.orders.execute(&Actor::Barista(barista.clone()), order, &command).await?;
        Ok(Ticket::of(&stored.order))
    }

    async fn claim_orders(&self, barista: &BaristaId, orders: &[OrderId]) -> Result<Vec<Ticket>, CommandError> {
        let claimed = self.orders.claim_together(barista, orders).await?;
        Ok(claimed.iter().filter_map(|stored| Ticket::of(&stored.order)).collect())
    }

    async fn submit_walk_in(
        &self,
        barista: &BaristaId,
        key: &str,
        drink: &str,
        modifiers: &[String],
    ) -> Result<Option<Ticket>, CommandError> {
        let stored = self.orders.walk_in(key, drink, modifiers).await?;
        tracing::info!(%barista, "an order was placed at the bar");
        Ok(Ticket::of(&stored.order))
    }

    async fn past_orders(&self) -> Result<Vec<Ticket>, CommandError> {
        Ok(self.orders.last_ended().await?)
    }

    async fn set_sold_out(&self, barista: &BaristaId, item: &SoldOutItem, gone: bool) -> Result<(), CommandError> {
        if gone && !self.orders.shop.menu().await.map_err(OrderError::from)?.contains(item) {
            return Err(Invalid::NotOnTheMenu.into());
        }
        let shop = self.orders.shop.set_sold_out(item, gone).await.map_err(OrderError::from)?;
        tracing::info!(%barista, ?item, gone, "an item was marked as sold out or available");
        self.orders.publish_shop(shop);
        Ok(())
    }

    async fn set_shop_state(&self, barista: &BaristaId, state: ShopState) -> Result<(), CommandError> {
        let shop = self.orders.shop.set_state(&state).await.map_err(OrderError::from)?;
        tracing::info!(%barista, state = ?shop.state, "the state of the shop was changed");
        self.orders.publish_shop(shop);
        Ok(())
    }

    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    fn new_key(&self) -> String {
        uuid(&*self.rng)
    }
}
