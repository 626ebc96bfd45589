//! Acts on deadlines: finishes orders whose undo time is over, repeats calls that a crash has interrupted, and ends
//! orders that nobody acts on.

use std::{collections::HashMap, sync::Arc};

use domain::{
    Ending, OrderEvent, OrderId, Phase, Timestamp,
    order::{Decision, Party, TokenState},
};
use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    Orders, StoredOrder, UpdateError,
    deadlines::{OVERDUE_MILLIS, deadline},
    workflow_client::{StartOutcome, TokenOutcome},
};
use crate::{logging::order_span, time};

/// The longest time between two rounds, in milliseconds.
const ROUND_MILLIS: i64 = 10_000;
/// How many orders are processed concurrently; their writes share commits.
const CONCURRENCY: usize = 32;
/// How long a failed attempt is not repeated, in milliseconds.
const RETRY_MILLIS: i64 = 2_000;

/// Runs until `stop` is cancelled. Every step is idempotent, so several nodes may run it.
pub(crate) async fn upkeep(orders: Arc<Orders>, stop: CancellationToken) {
    let mut retry_at: HashMap<OrderId, Timestamp> = HashMap::new();
    let (mut first_deadline, mut first_expiry) = (orders.deadlines.first(), orders.hub.first_expiry());
    loop {
        first_deadline.mark_unchanged();
        first_expiry.mark_unchanged();
        let now = orders.now();
        orders.hub.expire(now);
        orders.deadlines.expire(now);
        orders.end_pause(now).await;
        retry_at.retain(|_, at| *at > now);
        let (mut due, next) = orders.deadlines.due(now);
        due.retain(|id| !retry_at.contains_key(id));
        retry_at.extend(due.iter().map(|id| (id.clone(), now.plus_millis(RETRY_MILLIS))));
        stream::iter(due).for_each_concurrent(CONCURRENCY, |id| orders.process_due(id)).await;
        let retry = retry_at.values().min().copied();
        let wake = [next, orders.hub.next_expiry(now), retry]
            .into_iter()
            .flatten()
            .fold(now.plus_millis(ROUND_MILLIS), Ord::min);
        tokio::select! {
            () = stop.cancelled() => return,
            () = time::sleep_until(&*orders.clocks.orders, wake) => {}
            _ = first_deadline.changed() => {}
            _ = first_expiry.changed() => {}
        }
    }
}

impl Orders {
    /// Opens the shop when its pause is over.
    async fn end_pause(&self, now: Timestamp) {
        let state = self.shop.current().state;
        if !state.is_over(now) {
            return;
        }
        match self.shop.resume(&state).await {
            Ok(shop) => self.publish_shop(shop),
            Err(error) => {
                tracing::error!(%error, "the pause is over, but the shop cannot be opened; upkeep tries again")
            }
        }
    }

    async fn process_due(&self, id: OrderId) {
        let attempt = async {
            if let Err(error) = self.process(&id).await {
                tracing::error!(%error, "upkeep of an order failed and will be tried again");
            }
        };
        attempt.instrument(order_span(&id)).await;
    }

    /// Acts on the deadline of one order.
    async fn process(&self, id: &OrderId) -> Result<(), UpdateError> {
        let Some(stored) = self.repository.load(id).await? else { return Ok(()) };
        // Another node may have written a newer version.
        self.publish(&stored);
        if deadline(&stored.order).is_none_or(|deadline| deadline > self.now()) {
            return Ok(());
        }
        match stored.order.phase() {
            Phase::Choosing if stored.order.customer_token == TokenState::Unknown => {
                self.restart_workflow(&stored).await
            }
            Phase::Choosing => self.check_timeout(&stored, Party::Customer).await,
            Phase::Submitted if stored.order.customer_token == TokenState::Unknown => {
                self.restart_workflow(&stored).await
            }
            Phase::Submitted => self.forward_choice(stored).await.map(drop),
            Phase::Waiting | Phase::Making { .. } if stored.order.round() > 0 => {
                self.end(&stored, Ending::TimedOut { who: Party::Barista }).await
            }
            Phase::Waiting | Phase::Making { .. } => self.check_timeout(&stored, Party::Barista).await,
            Phase::Finishing { .. } => self.finish(&stored).await,
            Phase::Ready => self.end(&stored, Ending::Uncollected).await,
            Phase::Ended(_) => Ok(()),
        }
    }

    /// Starts the workflow of an order again if no event of it has arrived.
    async fn restart_workflow(&self, stored: &StoredOrder) -> Result<(), UpdateError> {
        let silent_for = self.now().millis_since(stored.order.started_at.unwrap_or_default());
        match self.workflow.start(&stored.order).await {
            StartOutcome::Running | StartOutcome::Unknown => Ok(()),
            StartOutcome::Ended if silent_for < OVERDUE_MILLIS => Ok(()),
            StartOutcome::Ended => {
                self.end(stored, Ending::Refused { reason: "its workflow was stopped".to_owned() }).await
            }
        }
    }

    /// Ends an order whose time-out event should have arrived long ago.
    async fn check_timeout(&self, stored: &StoredOrder, who: Party) -> Result<(), UpdateError> {
        let Some((_, token)) = stored.order.callback() else { return Ok(()) };
        match self.workflow.heartbeat(token).await {
            TokenOutcome::TooLate => self.end(stored, Ending::TimedOut { who }).await,
            TokenOutcome::Accepted | TokenOutcome::Unknown => Ok(()),
        }
    }

    /// Sends the barista's token when the time to undo is over, then records the result.
    async fn finish(&self, stored: &StoredOrder) -> Result<(), UpdateError> {
        let (step, message, events) = match stored.order.due(self.now()) {
            Some(Decision::SendThenRecord(step, message, events)) => (step, message, events),
            Some(Decision::Record(events)) => {
                return self.record_events(&stored.order.id, &stored.order.customer, &events).await.map(drop);
            }
            Some(Decision::AlreadyDone | Decision::RecordThenSend(..)) | None => return Ok(()),
        };
        let Some(token) = Self::open_token(stored, step) else { return Ok(()) };
        match self.workflow.send(&stored.order, &token, &message, &events).await {
            TokenOutcome::Accepted => {
                self.record_events(&stored.order.id, &stored.order.customer, &events).await.map(drop)
            }
            // The event of whatever ended the step is on its way. In case it was lost, the order is ended much later.
            TokenOutcome::TooLate if self.overdue(stored) => {
                self.end(stored, Ending::TimedOut { who: Party::Barista }).await
            }
            TokenOutcome::TooLate | TokenOutcome::Unknown => Ok(()),
        }
    }

    fn overdue(&self, stored: &StoredOrder) -> bool {
        stored.order.make_by.is_some_and(|make_by| make_by.plus_millis(OVERDUE_MILLIS) <= self.now())
    }

    async fn end(&self, stored: &StoredOrder, ending: Ending) -> Result<(), UpdateError> {
        let ended = OrderEvent::Ended { round: stored.order.round(), ending, at: self.now() };
        self.record_events(&stored.order.id, &stored.order.customer, &[ended]).await.map(drop)
    }
}
