//! Starts an order: writes its record, then starts its workflow. A customer has one order under way at a time.

use domain::{
    Actor, CustomerId, Ending, Menu, Order, OrderCommand, OrderEvent, OrderId, Phase, Refusal, ShopState,
    past_drinks::{PastDrink, past_drinks},
};

use tracing::Instrument;

use super::{OrderError, Orders, StoreError, StoredOrder, id::order_id, repository::PhoneRow};
use crate::logging::order_span;

/// How long a customer still sees an ended order, in milliseconds.
const REMEMBERED_MILLIS: i64 = 5 * 60 * 1000;

/// How many past orders of a customer are read for the usual drink.
const HISTORY: i32 = 60;

/// How often starting is tried again because the same customer started another order at the same time.
const ATTEMPTS: u32 = 16;

/// The longest key of a request, in bytes.
const KEY_LIMIT: usize = 128;

impl Orders {
    /// Starts an order under `key`, or returns the one that the same request has started before or for which the
    /// customer is choosing now. If the limit of orders under way is reached, the order is recorded as refused and no
    /// workflow is started, because an execution needs thirty times the space of a record.
    ///
    /// # Errors
    /// [`Refusal::OneAtATime`], [`Refusal::Closed`], [`Refusal::Paused`]; [`OrderError::Key`] without a usable key.
    pub(crate) async fn start(&self, customer: &CustomerId, key: &str) -> Result<StoredOrder, OrderError> {
        let id = Self::id_for(customer, key)?;
        self.begin(customer, &id).instrument(order_span(&id)).await
    }

    async fn begin(&self, customer: &CustomerId, id: &OrderId) -> Result<StoredOrder, OrderError> {
        for _ in 0..ATTEMPTS {
            if let Some(stored) = self.repository.load(id).await? {
                return Ok(stored);
            }
            let row = self.repository.last_of(customer).await?;
            let last = self.order_of(&row).await?;
            match last.as_ref().map(|last| last.order.phase()) {
                Some(Phase::Choosing) => return last.ok_or(OrderError::Unavailable),
                None | Some(Phase::Ended(_)) => {}
                Some(_) => return Err(Refusal::OneAtATime.into()),
            }
            self.check_open()?;
            let mut order = Order::new(id.clone(), customer.clone());
            order.apply(OrderEvent::Started { customer: customer.clone(), at: self.now() });
            if !customer.is_walk_in() && self.is_full().await? {
                let ending = Ending::Refused { reason: "full".to_owned() };
                order.apply(OrderEvent::Ended { round: 0, ending, at: self.now() });
            }
            match self.repository.create(StoredOrder::new(order), row, self.now()).await {
                Ok(stored) => {
                    self.count(None, &stored);
                    self.publish(&stored);
                    if stored.order.end.is_none() {
                        // If the start fails, upkeep tries again.
                        self.workflow.start(&stored.order).await;
                    }
                    return Ok(stored);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(OrderError::Unavailable)
    }

    /// Submits a choice. Without `id` the order is started first.
    ///
    /// # Errors
    /// As [`Orders::start`] and [`Orders::execute`]; [`Refusal::Menu`] when the menu has no such drink.
    pub(crate) async fn submit(
        &self,
        customer: &CustomerId,
        id: Option<&OrderId>,
        key: &str,
        drink: &str,
        modifiers: &[String],
    ) -> Result<StoredOrder, OrderError> {
        let actor = Actor::Customer(customer.clone());
        if let Some(id) = id {
            self.find(&actor, id).await?;
        }
        let menu = self.shop.menu().await?;
        let command = OrderCommand::Submit(menu.choose(drink, modifiers).map_err(Refusal::Menu)?);
        let id = match id {
            Some(id) => id.clone(),
            None => match self.start(customer, key).await {
                Ok(stored) => stored.order.id,
                // The same form may have been sent before, for the order that was being chosen then.
                Err(refused @ OrderError::Refused(Refusal::OneAtATime)) => {
                    let last = self.last_of(customer).await?.ok_or(OrderError::Unavailable)?;
                    return self.execute(&actor, &last.order.id, &command).await.map_err(|_| refused);
                }
                Err(error) => return Err(error),
            },
        };
        self.execute(&actor, &id, &command).await
    }

    /// The order of this customer that is under way or has just ended.
    pub(crate) async fn current(&self, customer: &CustomerId) -> Result<Option<StoredOrder>, OrderError> {
        let last = self.last_of(customer).await?;
        let now = self.now();
        Ok(last.filter(|last| last.order.ended().is_none_or(|(_, at)| now.millis_since(at) < REMEMBERED_MILLIS)))
    }

    /// What this customer has ordered before, the usual first.
    ///
    /// It is read from an index of the table, so the browser need not store it: it works without JavaScript and on
    /// every node.
    pub(crate) async fn past(&self, customer: &CustomerId, menu: &Menu) -> Result<Vec<PastDrink>, OrderError> {
        let stored = self.repository.of(customer, HISTORY).await?;
        Ok(past_drinks(stored.iter().map(|stored| &stored.order), menu))
    }

    async fn last_of(&self, customer: &CustomerId) -> Result<Option<StoredOrder>, OrderError> {
        let row = self.repository.last_of(customer).await?;
        self.order_of(&row).await
    }

    /// The order that a row names. An order that is missing or unreadable must not stop the customer from starting
    /// another.
    async fn order_of(&self, row: &PhoneRow) -> Result<Option<StoredOrder>, OrderError> {
        let Some(last) = row.order() else { return Ok(None) };
        match self.repository.load(&last).await {
            Err(error @ StoreError::Unreadable(..)) => {
                tracing::warn!(%error, "the last order of a customer cannot be read; the customer may start another");
                Ok(None)
            }
            loaded => Ok(loaded?),
        }
    }

    fn id_for(customer: &CustomerId, key: &str) -> Result<OrderId, OrderError> {
        let usable = !key.trim().is_empty() && key.len() <= KEY_LIMIT;
        let id = if usable { order_id(customer, key) } else { None };
        id.ok_or(OrderError::Key)
    }

    /// Whether the workflow would refuse one more order, as far as this process knows. The workflow itself counts
    /// orders that start at the same moment.
    async fn is_full(&self) -> Result<bool, OrderError> {
        let under_way = self.hub.workflows_under_way();
        let reaches = |limit: u32| under_way >= usize::try_from(limit).unwrap_or(usize::MAX);
        if !reaches(self.shop.current().max_orders_in_queue) {
            return Ok(false);
        }
        // The limit may have been raised since it was read last, and a refusal is final.
        Ok(reaches(self.shop.max_orders_in_queue().await?))
    }

    fn check_open(&self) -> Result<(), Refusal> {
        match self.shop.current().state {
            ShopState::Open => Ok(()),
            ShopState::Paused { reason, .. } => Err(Refusal::Paused { reason }),
            ShopState::Closed => Err(Refusal::Closed),
        }
    }
}
