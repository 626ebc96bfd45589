//! What the pages ask of the backend.

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

/// Who looks at a page or gives a command; the server puts it into the request's extensions after checking the cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The phone (every browser has one).
    pub customer: CustomerId,
    /// Whether the browser has sent the cookie that says so. Without it the next request comes from another phone.
    pub has_cookie: bool,
    /// What the browser may read and do.
    pub role: Role,
}

/// What is limited for each network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// An order is started.
    Start,
    /// A choice is submitted for an order that has been started.
    Submit,
}

/// Who sends a request, as far as limits and refusals are concerned; the server puts it into the request's extensions.
pub trait Sender: Send + Sync + 'static {
    /// Counts an attempt.
    ///
    /// # Errors
    /// After how many seconds the next is accepted.
    fn attempt(&self, attempt: Attempt) -> Result<(), u32>;

    /// Hears why a command was refused.
    fn refused(&self, error: &CommandError);
}

/// The sender of a request.
pub type SharedSender = Arc<dyn Sender>;

/// The backend, as the pages know it. The server implements it over AWS's API; page tests implement it by hand.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// The menu as it is now.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    async fn menu(&self) -> Result<Menu, CommandError>;

    /// The names of the drinks that were left out of the menu because of a mistake.
    fn skipped_drinks(&self) -> Vec<String>;

    /// The translation of the menu into a language.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    async fn menu_words(&self, language: Language) -> Result<MenuWords, CommandError>;

    /// What a topic shows now, and its position, so that the live connection goes on where the page ends.
    ///
    /// # Errors
    /// [`CommandError::StaffOnly`], [`Refusal::NotFound`](domain::Refusal::NotFound) for somebody else's order.
    async fn topic(&self, viewer: &Viewer, topic: &Topic) -> Result<(TopicState, Resume), CommandError>;

    /// The order that this phone has under way, or the last one that ended in the past few minutes.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    async fn current_order(&self, customer: &CustomerId) -> Result<Option<OrderView>, CommandError>;

    /// What this phone has ordered before and the menu still has: the usual first.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`].
    async fn past_drinks(&self, customer: &CustomerId, menu: &Menu) -> Result<Vec<PastDrink>, CommandError>;

    /// Starts an order: the workflow begins and waits for the choice. The same `key` starts one order however often it
    /// comes; a phone that is still choosing gets the order it has.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn start_order(&self, customer: &CustomerId, key: &str) -> Result<OrderView, CommandError>;

    /// Submits a choice; without `order` it starts the order too (under `key`).
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

    /// Carries out a command of the bar on an order. `None` when the order has no card any more.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn act_as_barista(
        &self,
        barista: &BaristaId,
        order: &OrderId,
        command: OrderCommand,
    ) -> Result<Option<Ticket>, CommandError>;

    /// Claims several orders at once. Orders that somebody else has claimed are left out of the answer.
    ///
    /// # Errors
    /// [`CommandError`] when none of them could be claimed.
    async fn claim_orders(&self, barista: &BaristaId, orders: &[OrderId]) -> Result<Vec<Ticket>, CommandError>;

    /// Places an order for a guest at the bar. The same `key` places one order however often it comes.
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

    /// Marks a drink or a modifier as sold out, or takes that back.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn set_sold_out(&self, barista: &BaristaId, item: &SoldOutItem, gone: bool) -> Result<(), CommandError>;

    /// Opens, pauses or closes the bar.
    ///
    /// # Errors
    /// [`CommandError`].
    async fn set_shop_state(&self, barista: &BaristaId, state: ShopState) -> Result<(), CommandError>;

    /// The server's time. Pages count from it, so that a wrong clock in a phone or a television does no harm.
    fn now(&self) -> Timestamp;

    /// An unguessable text for a hidden input, by which a repeated request is recognised.
    fn new_key(&self) -> String;
}

/// The backend as it is handed to the pages.
pub type SharedBackend = Arc<dyn Backend>;
