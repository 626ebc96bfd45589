//! The functions for events of the order workflow: each event is applied to the record of its order.
//!
//! An event may arrive twice, late or before its predecessor, or belong to an order that another program started.
//! Applying events is idempotent and independent of their order, so one function handles all of them. An event that is
//! malformed, or that the record rejects permanently, becomes a dead letter at once.

mod event;

use std::sync::Arc;

use engine::lambda::{FunctionError, Handler};
use futures_util::FutureExt;
use serde_json::Value;
use tracing::Instrument;

use self::event::{ParsedEvent, parse};
use crate::{
    logging::order_span,
    orders::{Orders, UpdateError},
};

/// The names of the functions in `workflow/rules.json`.
pub(super) const FUNCTIONS: [&str; 6] =
    ["WorkflowStarted", "WaitingCompletion", "OrderTimeOut", "OrderCancelled", "ShopUnavailable", "orderFinished"];

/// A function that handles every event of the order workflow.
pub(super) fn handler(orders: &Arc<Orders>) -> Handler {
    let orders = Arc::clone(orders);
    Arc::new(move |event| {
        let orders = Arc::clone(&orders);
        async move { handle(&orders, &event).await }.boxed()
    })
}

async fn handle(orders: &Orders, event: &Value) -> Result<Value, FunctionError> {
    let parsed = match parse(event, orders.now()) {
        Ok(parsed) => parsed,
        Err(error) => {
            return Err(FunctionError::permanent("MalformedEvent", error.to_string()));
        }
    };
    let (order, span) = (parsed.order.clone(), order_span(&parsed.order));
    let recorded = async {
        record(orders, parsed).await.inspect_err(|error| match error.is_transient() {
            true => tracing::error!(%error, "an event could not be recorded; the bus delivers it again"),
            false => tracing::error!(%error, "an event could not be recorded; it becomes a dead letter"),
        })
    };
    let recorded = recorded.instrument(span).await;
    // The engine logs this error, and does not know the order.
    recorded.map_err(|error| match error.is_transient() {
        true => FunctionError::new("RecordUnavailable", format!("order {order}: {error}")),
        false => FunctionError::permanent("RecordRefused", format!("order {order}: {error}")),
    })?;
    Ok(Value::Null)
}

async fn record(orders: &Orders, parsed: ParsedEvent) -> Result<(), UpdateError> {
    let ParsedEvent { order, customer, event } = parsed;
    tracing::debug!(?event, "an event of the workflow");
    let stored = orders.record_events(&order, &customer, &[event]).await?;
    // A choice that was made before the workflow waited for it is sent now.
    orders.forward_choice(stored).await.map(drop)
}
