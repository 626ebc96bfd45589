//! The customer's choice, from the record to the workflow.

use std::time::Duration;

use domain::{
    OrderEvent, Phase,
    order::{Message, Step},
};

use super::{Orders, Stored, UpdateError, workflow_client::Sent};
use crate::time;

/// How long a command waits for the record to tell what happened, when it finds that somebody else was quicker.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

impl Orders {
    /// Sends the customer's token if a choice has been written down and not sent yet. Without a token the choice is
    /// remembered: the token's arrival calls this again.
    pub(crate) async fn forward_choice(&self, stored: Stored) -> Result<Stored, UpdateError> {
        let Some(token) = stored.order.unsent_choice().cloned() else { return Ok(stored) };
        match self.callbacks.send(&stored.order, &token, &Message::Success, &[]).await {
            Sent::Won => {
                let (id, customer) = (&stored.order.id, &stored.order.customer);
                self.fold(id, customer, &[OrderEvent::CustomerTokenSpent]).await
            }
            // Sent already by another hand, or the time to choose was over: the workflow's next event says which.
            Sent::TooLate => Ok(self.watch(stored, |stored| stored.order.phase() == Phase::Submitted).await),
            // Upkeep sends it again.
            Sent::Unknown => Ok(stored),
        }
    }

    /// Waits until the record no longer matches `stale`, but not longer than [`PATIENCE`]. Returns the newest record.
    pub(super) async fn watch(&self, stored: Stored, stale: impl Fn(&Stored) -> bool) -> Stored {
        let mut newest = stored;
        let line = &*self.clocks.line;
        let deadline = time::now(line).plus_millis(i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX));
        while stale(&newest) {
            tokio::select! {
                () = self.hub.changed(&newest.order.id, newest.version) => {}
                () = time::until(line, deadline) => break,
            }
            match self.repository.load(&newest.order.id).await {
                Ok(Some(stored)) => newest = stored,
                Ok(None) | Err(_) => break,
            }
        }
        newest
    }

    /// The token that `step` waits for.
    pub(super) fn token_of(stored: &Stored, step: Step) -> Option<domain::TaskToken> {
        stored.order.callback().filter(|(waits, _)| *waits == step).map(|(_, token)| token.clone())
    }
}
