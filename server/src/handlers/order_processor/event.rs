//! Parses the events of the order workflow.

use domain::{BaristaId, CustomerId, Ending, OrderEvent, OrderId, OrderNumber, TaskToken, Timestamp, order::Party};
use serde::Deserialize;
use serde_json::Value;

use crate::{orders::CancelCause, time};

/// The time-outs of a workflow that does not send them (the original Serverlesspresso), in seconds.
const CUSTOMER_WAITS_SECONDS: i64 = 300;
const BARISTA_WAITS_SECONDS: i64 = 900;

/// An event of an order.
#[derive(Debug, PartialEq)]
pub(super) struct ParsedEvent {
    pub(super) order: OrderId,
    pub(super) customer: CustomerId,
    pub(super) event: OrderEvent,
}

/// Why an event has no effect.
#[derive(Debug, thiserror::Error)]
pub(super) enum EventError {
    /// A member is missing or has the wrong type.
    #[error("the event {0:?} lacks a member or has one of the wrong type: {1}")]
    Malformed(String, String),
    /// The type of the event is unknown.
    #[error("the type of the event {0:?} is unknown")]
    Unknown(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Envelope {
    detail_type: String,
    #[serde(default)]
    time: String,
    detail: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    order_id: OrderId,
    user_id: CustomerId,
    at: Option<String>,
    #[serde(rename = "TaskToken")]
    task_token: Option<String>,
    wait_seconds: Option<i64>,
    order_number: Option<String>,
    cause: Option<String>,
    reason: Option<String>,
    failure: Option<Failure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    error: Option<String>,
    cause: Option<String>,
}

/// Parses an event that has arrived at `now`.
pub(super) fn parse(event: &Value, now: Timestamp) -> Result<ParsedEvent, EventError> {
    let name = || event.get("detail-type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let malformed = |error: serde_json::Error| EventError::Malformed(name(), error.to_string());
    let missing = |what: &str| EventError::Malformed(name(), what.to_owned());
    let envelope = Envelope::deserialize(event).map_err(malformed)?;
    let detail = Detail::deserialize(&envelope.detail).map_err(malformed)?;
    let at = detail.at.as_deref().and_then(time::parse).or_else(|| time::parse(&envelope.time)).unwrap_or(now);
    let customer = detail.user_id;
    let token = || detail.task_token.clone().filter(|token| !token.is_empty()).map(TaskToken::new);
    let deadline = |usual| at.plus_millis(detail.wait_seconds.unwrap_or(usual).saturating_mul(1000));
    let event = match envelope.detail_type.as_str() {
        "OrderProcessor.WorkflowStarted" => OrderEvent::WorkflowStarted {
            customer: customer.clone(),
            token: token().ok_or_else(|| missing("TaskToken"))?,
            choose_by: deadline(CUSTOMER_WAITS_SECONDS),
        },
        "OrderProcessor.WaitingCompletion" => OrderEvent::WaitingCompletion {
            customer: customer.clone(),
            number: number(detail.order_number.as_deref()).ok_or_else(|| missing("orderNumber"))?,
            token: token().ok_or_else(|| missing("TaskToken"))?,
            at,
            make_by: deadline(BARISTA_WAITS_SECONDS),
        },
        "OrderProcessor.OrderTimeOut" => {
            let barista = detail.cause.is_some_and(|cause| cause.starts_with("Barista"));
            let who = if barista { Party::Barista } else { Party::Customer };
            ended(Ending::TimedOut { who }, at)
        }
        "OrderProcessor.OrderCancelled" => cancelled(detail.failure, at),
        "OrderProcessor.ShopUnavailable" => {
            let reason = detail.reason.unwrap_or_else(|| "closed".to_owned());
            ended(Ending::Refused { reason }, at)
        }
        "OrderProcessor.orderFinished" => OrderEvent::Finished { at },
        _ => return Err(EventError::Unknown(name())),
    };
    Ok(ParsedEvent { order: detail.order_id, customer, event })
}

fn number(text: Option<&str>) -> Option<OrderNumber> {
    text?.parse().ok()
}

/// The workflow does not know recalls, so it always ends the first round.
const fn ended(ending: Ending, at: Timestamp) -> OrderEvent {
    OrderEvent::Ended { round: 0, ending, at }
}

/// A cancellation by our commands says who and when. A task that somebody else failed counts as refused, with their
/// reason.
fn cancelled(failure: Option<Failure>, at: Timestamp) -> OrderEvent {
    let (error, cause) = failure.map(|failure| (failure.error, failure.cause)).unwrap_or_default();
    let words = [cause.clone(), error].into_iter().flatten().find(|words| !words.trim().is_empty());
    let ours: Option<CancelCause> = cause.and_then(|cause| serde_json::from_str(&cause).ok());
    match ours {
        Some(CancelCause { by, at: when, .. }) if by == "customer" => {
            ended(Ending::CancelledByCustomer, when.unwrap_or(at))
        }
        Some(CancelCause { reason, barista: Some(barista), at: when, .. }) => match BaristaId::try_from(barista) {
            Ok(barista) => {
                let reason = reason.into();
                ended(Ending::CancelledByBarista { barista, reason }, when.unwrap_or(at))
            }
            Err(_) => ended(Ending::Refused { reason }, at),
        },
        Some(CancelCause { reason, .. }) => ended(Ending::Refused { reason }, at),
        None => {
            let reason = words.unwrap_or_else(|| "no reason given".to_owned());
            ended(Ending::Refused { reason }, at)
        }
    }
}

#[cfg(test)]
mod tests;
