//! The interface between the pages and the server.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    BaristaId, CustomerId, Language, Menu, OrderCommand, OrderId, Role, ShopState, Timestamp,
    live::{Resume, Topic, TopicState},
    menu::{MenuWords, SoldOutItem},
    past_drinks::PastDrink,
    view::{OrderView, Ticket},
};

use crate::error::CommandError;

/// The browser that sends a request. The server puts it into the request's extensions after checking the cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The customer. Every browser has an id.
    pub customer: CustomerId,
    /// Whether the browser has sent the cookie with that id. Without the cookie the next request gets another id.
    pub has_cookie: bool,
    /// The role of the browser.
    pub role: Role,
}

/// What is rate-limited for each network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// Starting an order.
    Start,
    /// Submitting a choice for a started order.
    Submit,
}

/// The network that sends a request, for rate limits and metrics. The server puts it into the request's extensions.
pub trait Sender: Send + Sync + 'static {
    /// Counts an attempt.
    ///
    /// # Errors
    /// The number of seconds until the next attempt is accepted.
    fn attempt(&self, attempt: Attempt) -> Result<(), u32>;

    /// Records that a command was refused.
    fn refused(&self, error: &CommandError);
}

/// The sender of a request.
pub type SharedSender = Arc<dyn Sender>;

/// What the pages need from the server. The server implements it with AWS's API, the tests of the pages without one.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// The menu.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    async fn menu(&self) -> Result<Menu, CommandError>;

    /// The names of the drinks that were skipped because of a mistake in the menu.
    fn skipped_drinks(&self) -> Vec<String>;

    /// The translations of the menu into a language.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    async fn menu_words(&self, language: Language) -> Result<MenuWords, CommandError>;

    /// The state of a topic with its position, from which the live connection resumes.
    ///
    /// # Errors
    /// [`CommandError::StaffOnly`], or [`Refusal::NotFound`](domain::Refusal::NotFound) for an order of another
    /// customer.
    async fn topic(&self, viewer: &Viewer, topic: &Topic) -> Result<(TopicState, Resume), CommandError>;

    /// The open order of the customer, or the last one that ended within the past few minutes.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    async fn current_order(&self, customer: &CustomerId) -> Result<Option<OrderView>, CommandError>;

    /// The drinks that the customer has ordered before and the menu still has, the most frequent first.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    async fn past_drinks(&self, customer: &CustomerId, menu: &Menu) -> Result<Vec<PastDrink>, CommandError>;

    /// Starts an order: the workflow begins and waits for the choice. Idempotent for each `key`. A customer who is
    /// still choosing gets the order they have.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn start_order(&self, customer: &CustomerId, key: &str) -> Result<OrderView, CommandError>;

    /// Submits a choice. Without `order` it also starts the order, with `key`.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn submit_order(
        &self,
        customer: &CustomerId,
        order: Option<&OrderId>,
        key: &str,
        drink: &str,
        modifiers: &[String],
    ) -> Result<OrderView, CommandError>;

    /// Carries out a command of a guest on their order: extend, cancel or collect.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn act_as_guest(
        &self,
        customer: &CustomerId,
        order: &OrderId,
        command: OrderCommand,
    ) -> Result<OrderView, CommandError>;

    /// Carries out a command of the bar on an order. `None` when the order has no ticket any more.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn act_as_barista(
        &self,
        barista: &BaristaId,
        order: &OrderId,
        command: OrderCommand,
    ) -> Result<Option<Ticket>, CommandError>;

    /// Claims several orders. Those that somebody else has claimed are left out of the answer.
    ///
    /// # Errors
    /// [`CommandError`] when none of them could be claimed.
    async fn claim_orders(&self, barista: &BaristaId, orders: &[OrderId]) -> Result<Vec<Ticket>, CommandError>;

    /// Places an order for a guest at the bar. Idempotent for each `key`.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn submit_walk_in(
        &self,
        barista: &BaristaId,
        key: &str,
        drink: &str,
        modifiers: &[String],
    ) -> Result<Option<Ticket>, CommandError>;

    /// The last forty orders that have ended, newest first.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    async fn past_orders(&self) -> Result<Vec<Ticket>, CommandError>;

    /// Marks a drink or a modifier as sold out (`gone`) or as available.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn set_sold_out(&self, barista: &BaristaId, item: &SoldOutItem, gone: bool) -> Result<(), CommandError>;

    /// Opens, pauses or closes the bar.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn set_shop_state(&self, barista: &BaristaId, state: ShopState) -> Result<(), CommandError>;

    /// The server's time. Pages use it instead of the device's clock, which may be wrong.
    fn now(&self) -> Timestamp;

    /// A random idempotency key for a hidden input.
    fn new_key(&self) -> String;
}

/// The backend, as the pages get it.
pub type SharedBackend = Arc<dyn Backend>;
