//! Sends the customer's choice from the record to the workflow.

use std::time::Duration;

use domain::{
    OrderEvent, Phase,
    order::{TaskCallback, WorkflowStep},
};

use super::{Orders, StoredOrder, UpdateError, workflow_client::TokenOutcome};
use crate::time;

/// How long a command waits for the outcome after another process was faster.
pub(super) const CHANGE_TIMEOUT: Duration = Duration::from_secs(5);

impl Orders {
    /// Sends the customer's token if a choice was recorded and not sent yet. Without a token nothing is sent; the event
    /// that brings the token calls this again.
    pub(crate) async fn forward_choice(&self, stored: StoredOrder) -> Result<StoredOrder, UpdateError> {
        let Some(token) = stored.order.unsent_choice().cloned() else { return Ok(stored) };
        match self.workflow.send(&stored.order, &token, &TaskCallback::Success, &[]).await {
            TokenOutcome::Accepted => {
                let (id, customer) = (&stored.order.id, &stored.order.customer);
                self.record_events(id, customer, &[OrderEvent::CustomerTokenSpent]).await
            }
            // Another process has sent it, or the time to choose was over. The next event of the workflow says which.
            TokenOutcome::TooLate => {
                Ok(self.wait_for_change(stored, |stored| stored.order.phase() == Phase::Submitted).await)
            }
            // Upkeep tries again.
            TokenOutcome::Unknown => Ok(stored),
        }
    }

    /// Waits until the record no longer matches `stale`, at most for [`CHANGE_TIMEOUT`]. Returns the newest record.
    pub(super) async fn wait_for_change(
        &self,
        stored: StoredOrder,
        stale: impl Fn(&StoredOrder) -> bool,
    ) -> StoredOrder {
        let mut newest = stored;
        let clock = &*self.clocks.connections;
        let deadline = time::now(clock).plus_millis(i64::try_from(CHANGE_TIMEOUT.as_millis()).unwrap_or(i64::MAX));
        while stale(&newest) {
            tokio::select! {
                () = self.hub.wait_for_version(&newest.order.id, newest.version) => {}
                () = time::sleep_until(clock, deadline) => break,
            }
            match self.repository.load(&newest.order.id).await {
                Ok(Some(stored)) => newest = stored,
                Ok(None) | Err(_) => break,
            }
        }
        newest
    }

    /// The token that the workflow waits for in `step`.
    pub(super) fn open_token(stored: &StoredOrder, step: WorkflowStep) -> Option<domain::TaskToken> {
        stored.order.callback().filter(|(waits, _)| *waits == step).map(|(_, token)| token.clone())
    }
}
