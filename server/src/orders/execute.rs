//! Executes commands on existing orders: decides, then writes and sends in the sequence that the decision requires.

use domain::{Actor, OrderCommand, OrderId, Refusal, order::Decision};
use tracing::Instrument;

use super::{OrderError, Orders, StoreError, StoredOrder, workflow_client::TokenOutcome};
use crate::logging::order_span;

/// How often a command is decided again because the record changed meanwhile.
const ATTEMPTS: u32 = 64;

impl Orders {
    /// The order, if the actor may see it: its customer and every barista may.
    pub(crate) async fn find(&self, actor: &Actor, id: &OrderId) -> Result<StoredOrder, OrderError> {
        self.load_for(actor, id).instrument(order_span(id)).await
    }

    /// Like [`Orders::find`], and publishes the order, because another node may have written it a moment ago.
    pub(crate) async fn find_and_publish(&self, actor: &Actor, id: &OrderId) -> Result<StoredOrder, OrderError> {
        let stored = self.find(actor, id).await?;
        self.publish(&stored);
        Ok(stored)
    }

    async fn load_for(&self, actor: &Actor, id: &OrderId) -> Result<StoredOrder, OrderError> {
        let stored = self.repository.load(id).await?.ok_or(Refusal::NotFound)?;
        match actor {
            Actor::Customer(customer) if *customer != stored.order.customer => Err(Refusal::NotFound.into()),
            Actor::Customer(_) | Actor::Barista(_) => Ok(stored),
        }
    }

    /// Executes a command. Of competing commands one wins; the others get the refusal that follows from its outcome.
    ///
    /// # Errors
    /// The refusal of the order in its newest state.
    pub(crate) async fn execute(
        &self,
        actor: &Actor,
        id: &OrderId,
        command: &OrderCommand,
    ) -> Result<StoredOrder, OrderError> {
        self.try_execute(actor, id, command).instrument(order_span(id)).await
    }

    async fn try_execute(
        &self,
        actor: &Actor,
        id: &OrderId,
        command: &OrderCommand,
    ) -> Result<StoredOrder, OrderError> {
        for _ in 0..ATTEMPTS {
            let stored = self.load_for(actor, id).await?;
            let outcome = match stored.order.decide(actor, command, self.now())? {
                Decision::AlreadyDone => return Ok(stored),
                Decision::Record(events) => self.append_events(stored, &events).await,
                Decision::RecordThenSend(events, ..) => match self.append_events(stored, &events).await {
                    Ok(stored) => return self.send_choice(stored).await,
                    conflict => conflict,
                },
                Decision::SendThenRecord(step, message, events) => {
                    let Some(token) = Self::open_token(&stored, step) else { return Err(Refusal::OnItsWay.into()) };
                    match self.workflow.send(&stored.order, &token, &message, &events).await {
                        TokenOutcome::Accepted => {
                            return Ok(self.record_events(id, &stored.order.customer, &events).await?);
                        }
                        TokenOutcome::Unknown => return Err(OrderError::Unavailable),
                        TokenOutcome::TooLate => {
                            let version = stored.version;
                            let newest = self.wait_for_change(stored, |newest| newest.version == version).await;
                            if newest.version == version {
                                return Err(OrderError::Unavailable);
                            }
                            continue;
                        }
                    }
                }
            };
            match outcome {
                Ok(stored) => return Ok(stored),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(OrderError::Unavailable)
    }

    /// Sends a recorded choice. Refuses it if the order has ended meanwhile.
    async fn send_choice(&self, stored: StoredOrder) -> Result<StoredOrder, OrderError> {
        let stored = self.forward_choice(stored).await?;
        match stored.order.ended() {
            Some((ending, _)) => Err(Refusal::already_ended(ending).into()),
            None => Ok(stored),
        }
    }
}
