//! The customer's choice, from the record to the workflow.

use std::time::Duration;

use domain::{
    OrderEvent, Phase,
    order::{Message, Step},
};

use super::{Orders, StoredOrder, UpdateError, workflow_client::TokenOutcome};
use crate::time;

/// How long a command waits for the record to tell what happened, when it finds that somebody else was quicker.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

impl Orders {
    /// Sends the customer's token if a choice has been written down and not sent yet. Without a token the choice is
    /// remembered: the token's arrival calls this again.
    pub(crate) async fn forward_choice(&self, stored: StoredOrder) -> Result<StoredOrder, UpdateError> {
        let Some(token) = stored.order.unsent_choice().cloned() else { return Ok(stored) };
        match self.workflow.send(&stored.order, &token, &Message::Success, &[]).await {
            TokenOutcome::Accepted => {
                let (id, customer) = (&stored.order.id, &stored.order.customer);
                self.record_events(id, customer, &[OrderEvent::CustomerTokenSpent]).await
            }
            // TokenOutcome already by another hand, or the time to choose was over: the workflow's next event says which.
            TokenOutcome::TooLate => {
                Ok(self.wait_for_change(stored, |stored| stored.order.phase() == Phase::Submitted).await)
            }
            // Upkeep sends it again.
            TokenOutcome::Unknown => Ok(stored),
        }
    }

    /// Waits until the record no longer matches `stale`, but not longer than [`PATIENCE`]. Returns the newest record.
    pub(super) async fn wait_for_change(
        &self,
        stored: StoredOrder,
        stale: impl Fn(&StoredOrder) -> bool,
    ) -> StoredOrder {
        let mut newest = stored;
        let line = &*self.clocks.connections;
        let deadline = time::now(line).plus_millis(i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX));
        while stale(&newest) {
            tokio::select! {
                () = self.hub.wait_for_version(&newest.order.id, newest.version) => {}
                () = time::sleep_until(line, deadline) => break,
            }
            match self.repository.load(&newest.order.id).await {
                Ok(Some(stored)) => newest = stored,
                Ok(None) | Err(_) => break,
            }
        }
        newest
    }

    /// The token that `step` waits for.
    pub(super) fn open_token(stored: &StoredOrder, step: Step) -> Option<domain::TaskToken> {
        stored.order.callback().filter(|(waits, _)| *waits == step).map(|(_, token)| token.clone())
    }
}
