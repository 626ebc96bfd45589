//! The commands of guests.
#![expect(missing_docs, reason = "the server macro makes public structs without docs")]

use std::collections::BTreeMap;

use domain::view::OrderView;
use leptos::prelude::*;

use crate::error::CommandError;

/// Starts an order, with the first tap on a drink. Answers with the order that the guest is choosing for.
#[server(endpoint = "start_order", prefix = "/api")]
pub async fn start_order(#[server(default)] key: String) -> Result<OrderView, CommandError> {
    use super::request;
    use crate::backend::Attempt;
    let (backend, viewer) = request::customer()?;
    request::within_limits(Attempt::Start)?;
    let order = request::with_status(backend.start_order(&viewer.customer, &key).await)?;
    request::show_order(&order);
    Ok(order)
}

/// Submits a choice. `choice` has one modifier for each group, `extras` any number of them. Without `order`, also
/// starts the order.
#[server(endpoint = "submit_order", prefix = "/api")]
pub async fn submit_order(
    #[server(default)] order: String,
    #[server(default)] key: String,
    #[server(default)] drink: String,
    #[server(default)] choice: BTreeMap<String, String>,
    #[server(default)] extras: Vec<String>,
) -> Result<OrderView, CommandError> {
    use super::request;
    use crate::backend::Attempt;
    let (backend, viewer) = request::customer()?;
    request::within_limits(if order.is_empty() { Attempt::Start } else { Attempt::Submit })?;
    let order = if order.is_empty() { None } else { Some(request::order_id(&order)?) };
    let modifiers: Vec<String> = choice.into_values().chain(extras).filter(|each| !each.is_empty()).collect();
    let submitted = backend.submit_order(&viewer.customer, order.as_ref(), &key, &drink, &modifiers).await;
    let order = request::with_status(submitted)?;
    request::show_order(&order);
    Ok(order)
}

/// Extends the time to choose.
#[server(endpoint = "extend_order", prefix = "/api")]
pub async fn extend_order(#[server(default)] order: String) -> Result<OrderView, CommandError> {
    super::request::act_as_guest(&order, domain::OrderCommand::Extend).await
}

/// Cancels an order that no barista has claimed.
#[server(endpoint = "cancel_order", prefix = "/api")]
pub async fn cancel_order(#[server(default)] order: String) -> Result<OrderView, CommandError> {
    // A guest gives no reason.
    let reason = domain::CancelReason::Custom(String::new());
    super::request::act_as_guest(&order, domain::OrderCommand::Cancel { reason }).await
}

/// Marks an order as collected.
#[server(endpoint = "collect_order", prefix = "/api")]
pub async fn collect_order(#[server(default)] order: String) -> Result<OrderView, CommandError> {
    super::request::act_as_guest(&order, domain::OrderCommand::Collect).await
}
