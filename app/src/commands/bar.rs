//! What a tablet at the bar can ask. Each command is refused before anything else to whoever is not staff.
#![expect(missing_docs, reason = "the server macro makes public structs with fields of its own")]

use domain::view::Ticket;
use leptos::prelude::*;

use crate::error::CommandError;

/// Starts making an order; `take_over` takes it from the colleague who has it.
#[server(endpoint = "claim_order", prefix = "/api")]
pub async fn claim_order(
    #[server(default)] order: String,
    #[server(default)] take_over: bool,
) -> Result<Option<Ticket>, CommandError> {
    super::request::at_the_bar(&order, domain::Command::Claim { take_over }).await
}

/// Gives an order back to the queue.
#[server(endpoint = "release_order", prefix = "/api")]
pub async fn release_order(#[server(default)] order: String) -> Result<Option<Ticket>, CommandError> {
    super::request::at_the_bar(&order, domain::Command::Release).await
}

/// The drink is made. It can be taken back for four seconds.
#[server(endpoint = "complete_order", prefix = "/api")]
pub async fn complete_order(#[server(default)] order: String) -> Result<Option<Ticket>, CommandError> {
    super::request::at_the_bar(&order, domain::Command::Complete).await
}

/// Takes "made" back.
#[server(endpoint = "undo_complete", prefix = "/api")]
pub async fn undo_complete(#[server(default)] order: String) -> Result<Option<Ticket>, CommandError> {
    super::request::at_the_bar(&order, domain::Command::UndoComplete).await
}

/// The drink has been handed over.
#[server(endpoint = "hand_over_order", prefix = "/api")]
pub async fn hand_over_order(#[server(default)] order: String) -> Result<Option<Ticket>, CommandError> {
    super::request::at_the_bar(&order, domain::Command::Collect).await
}

/// Calls an order off, with a reason that the customer reads.
#[server(endpoint = "cancel_at_bar", prefix = "/api")]
pub async fn cancel_at_bar(
    #[server(default)] order: String,
    #[server(default)] reason: String,
) -> Result<Option<Ticket>, CommandError> {
    super::request::at_the_bar(&order, domain::Command::Cancel { reason }).await
}

/// Opens, pauses (with a reason that guests read) or closes the bar: `state` is `open`, `paused` or `closed`.
#[server(endpoint = "set_shop_state", prefix = "/api")]
pub async fn set_shop_state(
    #[server(default)] state: String,
    #[server(default)] reason: String,
) -> Result<(), CommandError> {
    super::request::set_shop_state(&state, reason).await
}
