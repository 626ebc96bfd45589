//! What the pages ask of the backend, answered: [`app::backend::Backend`] over orders, shop and hub.

use std::sync::Arc;

use app::{
    backend::{Backend, Viewer},
    error::{CommandError, Invalid},
};
use async_trait::async_trait;
use domain::{
    Actor, BaristaId, CancelReason, Command, CustomerId, Language, Menu, OrderId, ShopState, Timestamp,
    history::PastDrink,
    live::{Resume, Topic, TopicState},
    menu::{Item, MenuWords},
    view::{OrderView, Ticket},
};
use engine::clock::{Rng, uuid};

use crate::{
    live::TopicLog,
    orders::{Orders, Stored},
    time::{self, Clocks},
};

/// The bar.
#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) orders: Arc<Orders>,
    pub(crate) clocks: Clocks,
    pub(crate) rng: Arc<dyn Rng>,
}

impl Bar {
    pub(crate) fn now(&self) -> Timestamp {
        time::now(&*self.clocks.bar)
    }

    /// A topic, for whoever may read it: the queue is for the bar, an order for its customer, the rest for everybody.
    pub(crate) async fn log(&self, viewer: &Viewer, topic: &Topic) -> Result<Arc<TopicLog>, CommandError> {
        let hub = &self.orders.hub;
        match topic {
            Topic::Board | Topic::Shop => {}
            Topic::Queue if viewer.barista.is_some() => {}
            Topic::Queue => return Err(CommandError::StaffOnly),
            Topic::Order(id) => {
                let stored = self.orders.find(&Actor::Customer(viewer.customer.clone()), id).await?;
                // Another node may have begun it a moment ago.
                hub.put(&stored.order, stored.version);
                return Ok(hub.order(&stored.order));
            }
        }
        hub.shared(topic).ok_or(CommandError::Unavailable)
    }

    fn view(&self, stored: &Stored) -> OrderView {
        self.orders.hub.view(&stored.order)
    }
}

#[async_trait]
impl Backend for Bar {
    async fn menu(&self) -> Result<Menu, CommandError> {
        Ok(self.orders.shop.menu().await?)
    }

    fn skipped_drinks(&self) -> Vec<String> {
        self.orders.shop.skipped()
    }

    async fn menu_words(&self, language: Language) -> Result<MenuWords, CommandError> {
        Ok(self.orders.shop.menu_words(language).await?)
    }

    async fn topic(&self, viewer: &Viewer, topic: &Topic) -> Result<(TopicState, Resume), CommandError> {
        Ok(self.log(viewer, topic).await?.now())
    }

    async fn current_order(&self, customer: &CustomerId) -> Result<Option<OrderView>, CommandError> {
        Ok(self.orders.current(customer).await?.map(|stored| self.view(&stored)))
    }

    async fn past_drinks(&self, customer: &CustomerId, menu: &Menu) -> Result<Vec<PastDrink>, CommandError> {
        self.orders.past(customer, menu).await
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

    async fn extend_order(&self, customer: &CustomerId, order: &OrderId) -> Result<OrderView, CommandError> {
        Ok(self.view(&self.orders.act(&Actor::Customer(customer.clone()), order, &Command::Extend).await?))
    }

    async fn cancel_order(&self, customer: &CustomerId, order: &OrderId) -> Result<OrderView, CommandError> {
        let command = Command::Cancel { reason: CancelReason::Words(String::new()) };
        Ok(self.view(&self.orders.act(&Actor::Customer(customer.clone()), order, &command).await?))
    }

    async fn collect_order(&self, customer: &CustomerId, order: &OrderId) -> Result<OrderView, CommandError> {
        Ok(self.view(&self.orders.act(&Actor::Customer(customer.clone()), order, &Command::Collect).await?))
    }

    async fn at_the_bar(
        &self,
        barista: &BaristaId,
        order: &OrderId,
        command: Command,
    ) -> Result<Option<Ticket>, CommandError> {
        let stored = self.orders.act(&Actor::Barista(barista.clone()), order, &command).await?;
        Ok(Ticket::of(&stored.order))
    }

    async fn claim_together(&self, barista: &BaristaId, orders: &[OrderId]) -> Result<Vec<Ticket>, CommandError> {
        let claimed = self.orders.claim_together(barista, orders).await?;
        Ok(claimed.iter().filter_map(|stored| Ticket::of(&stored.order)).collect())
    }

    async fn walk_in(
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
        self.orders.last_ended().await
    }

    async fn set_sold_out(&self, barista: &BaristaId, item: &Item, gone: bool) -> Result<(), CommandError> {
        if gone && !self.orders.shop.menu().await?.knows(item) {
            return Err(Invalid::NotOnTheMenu.into());
        }
        let shop = self.orders.shop.set_sold_out(item, gone).await?;
        tracing::info!(%barista, ?item, gone, "what is sold out was changed");
        self.orders.hub.set_shop(shop);
        Ok(())
    }

    async fn set_shop_state(&self, barista: &BaristaId, state: ShopState) -> Result<(), CommandError> {
        let shop = self.orders.shop.set_state(&state).await?;
        tracing::info!(%barista, state = ?shop.state, "the bar's state was changed");
        self.orders.hub.set_shop(shop);
        Ok(())
    }

    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    fn new_key(&self) -> String {
        uuid(&*self.rng)
    }
}
