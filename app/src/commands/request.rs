//! What the commands do with their requests: check the sender and the parameters, call the backend, and redirect
//! browsers without JavaScript.

use domain::{
    BaristaId, CancelReason, OrderCommand, OrderId, PauseReason, Refusal, ShopState,
    menu::SoldOutItem,
    order::REASON_LIMIT,
    text::{self, InvalidText},
    view::{OrderView, Ticket},
};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::{
    backend::{Attempt, SharedBackend, SharedSender, Viewer},
    error::{CommandError, Invalid},
    preferences::write_cookies,
};

/// The longest pause that ends by itself.
const PAUSE_LIMIT_MINUTES: u16 = 240;

/// The page of the bar.
const BARISTA_PAGE: &str = "/barista";

/// The backend and the browser that sends the request.
pub(crate) fn context() -> Result<(SharedBackend, Viewer), CommandError> {
    let backend = use_context::<SharedBackend>().ok_or(CommandError::Unavailable)?;
    let viewer = use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get::<Viewer>().cloned());
    viewer.map(|viewer| (backend, viewer)).ok_or(CommandError::Unavailable)
}

/// Whether a browser without JavaScript has sent the form. It expects a page.
fn wants_html() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| {
        let accepts = parts.headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
        accepts.is_some_and(|accepts| accepts.contains("text/html"))
    })
}

fn is_post() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| parts.method == http::Method::POST)
}

/// Redirects a browser without JavaScript to `path`.
fn redirect(path: &str) {
    if wants_html() {
        leptos_axum::redirect(path);
    }
}

/// The backend and the guest. A browser that does not send the cookie of an earlier page is refused, because it would
/// never find its order again.
pub(super) fn customer() -> Result<(SharedBackend, Viewer), CommandError> {
    with_status(context().and_then(|(backend, viewer)| {
        if viewer.has_cookie { Ok((backend, viewer)) } else { Err(CommandError::CookiesBlocked) }
    }))
}

fn sender() -> Option<SharedSender> {
    use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get::<SharedSender>().cloned())
}

/// Counts an attempt against the rate limit of the sender's network.
pub(super) fn within_limits(attempt: Attempt) -> Result<(), CommandError> {
    let allowed = sender().map_or(Ok(()), |sender| sender.attempt(attempt));
    with_status(allowed.map_err(|seconds| {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.insert_header(http::header::RETRY_AFTER, http::HeaderValue::from(seconds));
        }
        CommandError::TooMany(seconds)
    }))
}

pub(crate) fn staff() -> Result<(SharedBackend, BaristaId), CommandError> {
    let (backend, viewer) = context()?;
    let staff = viewer.role.staff().cloned();
    staff.map(|staff| (backend, staff)).ok_or(CommandError::StaffOnly)
}

/// Parses an order id. A malformed id is answered like that of another customer's order.
pub(super) fn order_id(text: &str) -> Result<OrderId, CommandError> {
    let id = if text.is_empty() {
        Err(Invalid::WhichOrder.into())
    } else {
        OrderId::try_from(text).map_err(|_| Refusal::NotFound.into())
    };
    with_status(id)
}

/// Sets the HTTP status of a refused request. A form without JavaScript is redirected to its page instead, which shows
/// the error.
pub(crate) fn with_status<T>(result: Result<T, CommandError>) -> Result<T, CommandError> {
    if let (Err(error), Some(sender)) = (&result, sender()) {
        sender.refused(error);
    }
    if let Err(error) = &result
        && !(is_post() && wants_html())
        && let Some(response) = use_context::<ResponseOptions>()
        && let Ok(status) = http::StatusCode::from_u16(error.status())
    {
        response.set_status(status);
    }
    result
}

/// Redirects a browser without JavaScript to the page of the order.
pub(super) fn show_order(order: &OrderView) {
    redirect(&format!("/orders/{}", order.id));
}

/// Carries out a command of a guest on their order.
pub(super) async fn act_as_guest(order: &str, command: OrderCommand) -> Result<OrderView, CommandError> {
    let (backend, viewer) = customer()?;
    let order = order_id(order)?;
    let order = with_status(backend.act_as_guest(&viewer.customer, &order, command).await)?;
    show_order(&order);
    Ok(order)
}

/// Carries out a command of the bar on an order.
pub(super) async fn act_as_barista(order: &str, command: OrderCommand) -> Result<Option<Ticket>, CommandError> {
    let (backend, barista) = with_status(staff())?;
    let order = order_id(order)?;
    let command = match command {
        OrderCommand::Cancel { reason } => {
            OrderCommand::Cancel { reason: CancelReason::from(with_status(clean_reason(reason.as_str()))?) }
        }
        other => other,
    };
    let ticket = with_status(backend.act_as_barista(&barista, &order, command).await)?;
    redirect(BARISTA_PAGE);
    Ok(ticket)
}

/// Claims several orders.
pub(super) async fn claim_orders(orders: &[String]) -> Result<Vec<Ticket>, CommandError> {
    let (backend, barista) = with_status(staff())?;
    let orders: Result<Vec<OrderId>, CommandError> = orders.iter().map(|order| order_id(order)).collect();
    let claimed = with_status(backend.claim_orders(&barista, &orders?).await)?;
    redirect(BARISTA_PAGE);
    Ok(claimed)
}

/// Places an order for a guest at the bar.
pub(super) async fn submit_walk_in(
    key: &str,
    drink: &str,
    modifiers: &[String],
) -> Result<Option<Ticket>, CommandError> {
    let (backend, barista) = with_status(staff())?;
    let ticket = with_status(backend.submit_walk_in(&barista, key, drink, modifiers).await)?;
    redirect(BARISTA_PAGE);
    Ok(ticket)
}

/// Marks a drink or a modifier as sold out or as available.
pub(super) async fn set_sold_out(drink: String, modifier: String, gone: bool) -> Result<(), CommandError> {
    let (backend, barista) = with_status(staff())?;
    let item = match (drink.is_empty(), modifier.is_empty()) {
        (false, true) => Ok(SoldOutItem::Drink(drink)),
        (true, false) => Ok(SoldOutItem::Modifier(modifier)),
        _ => Err(Invalid::WhichItem.into()),
    };
    with_status(backend.set_sold_out(&barista, &with_status(item)?, gone).await)?;
    redirect(BARISTA_PAGE);
    Ok(())
}

/// Opens, pauses or closes the bar.
pub(super) async fn set_shop_state(state: &str, reason: &str, minutes: u16) -> Result<(), CommandError> {
    let (backend, barista) = with_status(staff())?;
    let state = match state {
        "open" => Ok(ShopState::Open),
        "closed" => Ok(ShopState::Closed),
        "paused" if minutes <= PAUSE_LIMIT_MINUTES => clean_reason(reason).map(|reason| ShopState::Paused {
            reason: PauseReason::from(reason),
            until: (minutes > 0).then(|| backend.now().plus_millis(i64::from(minutes) * 60_000)),
        }),
        "paused" => Err(Invalid::PauseLong.into()),
        _ => Err(Invalid::ShopState.into()),
    };
    with_status(backend.set_shop_state(&barista, with_status(state)?).await)?;
    redirect(BARISTA_PAGE);
    Ok(())
}

/// Keeps preferences in cookies of the browser.
pub(super) fn set_preferences(preferences: &[(&str, String)]) -> Result<(), CommandError> {
    with_status(staff())?;
    with_status(write_cookies(preferences))?;
    redirect(BARISTA_PAGE);
    Ok(())
}

/// Cleans and checks the text of a reason.
fn clean_reason(reason: &str) -> Result<String, CommandError> {
    text::clean(reason, REASON_LIMIT).map_err(|error| match error {
        InvalidText::Empty => Invalid::ReasonMissing.into(),
        InvalidText::TooLong { .. } => Invalid::ReasonLong.into(),
    })
}
