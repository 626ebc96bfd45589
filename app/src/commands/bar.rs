//! The commands of the bar. Each is refused first of all to browsers that have not signed in as staff.
#![expect(missing_docs, reason = "the server macro makes public structs without docs")]

use domain::view::Ticket;
use leptos::prelude::*;

use crate::error::CommandError;

/// Claims an order. `take_over` claims it from the barista who has it.
#[server(endpoint = "claim_order", prefix = "/api")]
pub async fn claim_order(
    #[server(default)] order: String,
    #[server(default)] take_over: bool,
) -> Result<Option<Ticket>, CommandError> {
    super::request::act_as_barista(&order, domain::OrderCommand::Claim { take_over }).await
}

/// Returns an order to the queue.
#[server(endpoint = "release_order", prefix = "/api")]
pub async fn release_order(#[server(default)] order: String) -> Result<Option<Ticket>, CommandError> {
    super::request::act_as_barista(&order, domain::OrderCommand::Release).await
}

/// Completes an order. It can be undone for four seconds.
#[server(endpoint = "complete_order", prefix = "/api")]
pub async fn complete_order(#[server(default)] order: String) -> Result<Option<Ticket>, CommandError> {
    super::request::act_as_barista(&order, domain::OrderCommand::Complete).await
}

/// Undoes [`complete_order`].
#[server(endpoint = "undo_complete", prefix = "/api")]
pub async fn undo_complete(#[server(default)] order: String) -> Result<Option<Ticket>, CommandError> {
    super::request::act_as_barista(&order, domain::OrderCommand::UndoComplete).await
}

/// The drink has been handed over.
#[server(endpoint = "hand_over_order", prefix = "/api")]
pub async fn hand_over_order(#[server(default)] order: String) -> Result<Option<Ticket>, CommandError> {
    super::request::act_as_barista(&order, domain::OrderCommand::Collect).await
}

/// Recalls an order, from the counter or after it was handed over.
#[server(endpoint = "recall_order", prefix = "/api")]
pub async fn recall_order(#[server(default)] order: String) -> Result<Option<Ticket>, CommandError> {
    super::request::act_as_barista(&order, domain::OrderCommand::Recall).await
}

/// Acknowledges an order that ended in another way than by being collected. Its ticket goes.
#[server(endpoint = "acknowledge_order", prefix = "/api")]
pub async fn acknowledge_order(#[server(default)] order: String) -> Result<Option<Ticket>, CommandError> {
    super::request::act_as_barista(&order, domain::OrderCommand::Acknowledge).await
}

/// Cancels an order with a reason for the customer: the code of a [`domain::CancelReason`], or a text.
#[server(endpoint = "cancel_at_bar", prefix = "/api")]
pub async fn cancel_at_bar(
    #[server(default)] order: String,
    #[server(default)] reason: String,
) -> Result<Option<Ticket>, CommandError> {
    super::request::act_as_barista(
        &order,
        domain::OrderCommand::Cancel { reason: domain::CancelReason::from(reason.trim()) },
    )
    .await
}

/// Claims several orders, at most four.
#[server(endpoint = "claim_together", prefix = "/api")]
pub async fn claim_together(#[server(default)] orders: Vec<String>) -> Result<Vec<Ticket>, CommandError> {
    super::request::claim_orders(&orders).await
}

/// Places an order for a guest at the bar. `milk` is a modifier like those in `modifiers`.
#[server(endpoint = "walk_in_order", prefix = "/api")]
pub async fn walk_in_order(
    #[server(default)] key: String,
    #[server(default)] drink: String,
    #[server(default)] milk: String,
    #[server(default)] modifiers: Vec<String>,
) -> Result<Option<Ticket>, CommandError> {
    let modifiers: Vec<String> = std::iter::once(milk).chain(modifiers).filter(|each| !each.is_empty()).collect();
    super::request::submit_walk_in(&key, &drink, &modifiers).await
}

/// Marks a drink or a modifier as sold out (`gone`) or as available.
#[server(endpoint = "set_sold_out", prefix = "/api")]
pub async fn set_sold_out(
    #[server(default)] drink: String,
    #[server(default)] modifier: String,
    #[server(default)] gone: bool,
) -> Result<(), CommandError> {
    super::request::set_sold_out(drink, modifier, gone).await
}

/// Opens, pauses or closes the bar: `state` is `open`, `paused` or `closed`. A pause has a reason for guests (the code
/// of a [`domain::PauseReason`], or a text) and ends after `minutes`; 0 means that it does not end by itself.
#[server(endpoint = "set_shop_state", prefix = "/api")]
pub async fn set_shop_state(
    #[server(default)] state: String,
    #[server(default)] reason: String,
    #[server(default)] minutes: u16,
) -> Result<(), CommandError> {
    super::request::set_shop_state(&state, &reason, minutes).await
}

/// Sets preferences of this tablet. A preference that is empty is not changed.
#[server(endpoint = "set_look", prefix = "/api")]
pub async fn set_preferences(
    #[server(default)] theme: String,
    #[server(default)] hand: String,
    #[server(default)] keys: String,
    #[server(default)] volume: String,
) -> Result<(), CommandError> {
    super::request::set_preferences(&[("theme", theme), ("hand", hand), ("keys", keys), ("volume", volume)])
}
