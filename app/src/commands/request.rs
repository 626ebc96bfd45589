//! What every command does with its request: who asks, which order, and where a browser without JavaScript goes next.

use domain::{
    BaristaId, OrderId, Refusal, ShopState,
    view::{OrderView, Ticket},
};
use leptos::prelude::use_context;
use leptos_axum::{ResponseOptions, redirect};

use crate::{
    backend::{BarCommand, SharedBackend, Viewer},
    error::CommandError,
};

/// The longest reason that a barista can give, in characters.
const REASON_LIMIT: usize = 140;

fn context() -> Result<(SharedBackend, Viewer), CommandError> {
    let backend = use_context::<SharedBackend>().ok_or(CommandError::Unavailable)?;
    let viewer = use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get::<Viewer>().cloned());
    viewer.map(|viewer| (backend, viewer)).ok_or(CommandError::Unavailable)
}

/// The backend and the phone that asks.
pub(super) fn customer() -> Result<(SharedBackend, Viewer), CommandError> {
    finish(context())
}

fn staff() -> Result<(SharedBackend, BaristaId), CommandError> {
    let (backend, viewer) = context()?;
    viewer.barista.map(|barista| (backend, barista)).ok_or(CommandError::StaffOnly)
}

/// Checks an id. A malformed one is told apart from a missing one, but not from somebody else's.
pub(super) fn order_id(text: &str) -> Result<OrderId, CommandError> {
    let id = if text.is_empty() {
        Err(CommandError::Invalid("Which order? Go back to your order and try again.".to_owned()))
    } else {
        OrderId::try_from(text).map_err(|_| Refusal::NotFound.into())
    };
    finish(id)
}

/// Gives a refused command its HTTP status.
pub(super) fn finish<T>(result: Result<T, CommandError>) -> Result<T, CommandError> {
    if let Err(error) = &result
        && let Some(response) = use_context::<ResponseOptions>()
        && let Ok(status) = http::StatusCode::from_u16(error.status())
    {
        response.set_status(status);
    }
    result
}

/// Sends a browser without JavaScript to the order's own page.
pub(super) fn show_order(order: &OrderView) {
    redirect(&format!("/orders/{}", order.id));
}

/// A command of the bar, from who may give it to where it leads.
pub(super) async fn at_the_bar(order: &str, command: BarCommand) -> Result<Option<Ticket>, CommandError> {
    let (backend, barista) = finish(staff())?;
    let order = order_id(order)?;
    if let BarCommand::Cancel { reason } = &command {
        finish(check_reason(reason))?;
    }
    let ticket = finish(backend.at_the_bar(&barista, &order, command).await)?;
    redirect("/barista");
    Ok(ticket)
}

/// Opens, pauses or closes the bar.
pub(super) async fn set_shop_state(state: &str, reason: String) -> Result<(), CommandError> {
    let (backend, barista) = finish(staff())?;
    let state = match state {
        "open" => Ok(ShopState::Open),
        "closed" => Ok(ShopState::Closed),
        "paused" => check_reason(&reason).map(|()| ShopState::Paused { reason, until: None }),
        _ => Err(CommandError::Invalid("Say open, paused or closed.".to_owned())),
    };
    finish(backend.set_shop_state(&barista, finish(state)?).await)?;
    redirect("/barista");
    Ok(())
}

fn check_reason(reason: &str) -> Result<(), CommandError> {
    if reason.trim().is_empty() {
        return Err(CommandError::Invalid("Give a reason: the customer reads it.".to_owned()));
    }
    if reason.chars().count() > REASON_LIMIT {
        return Err(CommandError::Invalid(format!("Keep the reason under {REASON_LIMIT} characters.")));
    }
    Ok(())
}
