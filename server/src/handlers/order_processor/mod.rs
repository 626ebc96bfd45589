//! The functions that rules call: they fold what the workflow says into the record.
//!
//! An event may come twice, late or before its predecessor, and for an order that an outside event began: the fold does
//! not mind. So every function does the same with a fact of its own. An event that cannot be understood, or that no
//! record can take, becomes a dead letter at once: it can be looked at and delivered again.

mod event;

use std::sync::Arc;

use engine::functions::{FunctionError, Handler};
use futures_util::FutureExt;
use serde_json::Value;
use tracing::Instrument;

use self::event::{ParsedEvent, read};
use crate::{
    logging::order_span,
    orders::{Orders, UpdateError},
};

/// The names of the functions, as `workflow/rules.json` names them.
pub(super) const FUNCTIONS: [&str; 6] =
    ["WorkflowStarted", "WaitingCompletion", "OrderTimeOut", "OrderCancelled", "ShopUnavailable", "orderFinished"];

/// A function that handles any of our events.
pub(super) fn handler(orders: &Arc<Orders>) -> Handler {
    let orders = Arc::clone(orders);
    Arc::new(move |event| {
        let orders = Arc::clone(&orders);
        async move { handle(&orders, &event).await }.boxed()
    })
}

async fn handle(orders: &Orders, event: &Value) -> Result<Value, FunctionError> {
    let told = match read(event, orders.now()) {
        Ok(told) => told,
        Err(error) => {
            return Err(FunctionError::permanent("MalformedEvent", error.to_string()));
        }
    };
    let (order, span) = (told.order.clone(), order_span(&told.order));
    let recorded = async {
        record(orders, told).await.inspect_err(|error| match error.may_pass() {
            true => tracing::error!(%error, "an event could not be recorded; the bus delivers it again"),
            false => tracing::error!(%error, "an event could not be recorded; it becomes a dead letter"),
        })
    };
    let recorded = recorded.instrument(span).await;
    // Whoever delivers writes this down, and knows nothing of orders.
    recorded.map_err(|error| match error.may_pass() {
        true => FunctionError::new("RecordUnavailable", format!("order {order}: {error}")),
        false => FunctionError::permanent("RecordRefused", format!("order {order}: {error}")),
    })?;
    Ok(Value::Null)
}

async fn record(orders: &Orders, told: ParsedEvent) -> Result<(), UpdateError> {
    let ParsedEvent { order, customer, fact } = told;
    tracing::debug!(?fact, "the workflow says");
    let stored = orders.record_events(&order, &customer, &[fact]).await?;
    // A choice that was made before the workflow waited for it goes out now.
    orders.forward_choice(stored).await.map(drop)
}
