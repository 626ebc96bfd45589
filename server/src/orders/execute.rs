//! Commands on an order that exists: decide, then write and send in the order that the decision names.

use domain::{Actor, Command, OrderId, Refusal, order::Decision};
use tracing::Instrument;

use super::{OrderError, Orders, StoreError, StoredOrder, workflow_client::TokenOutcome};
use crate::logging::order_span;

/// How often a decision is made anew because the record changed under it.
const ATTEMPTS: u32 = 64;

impl Orders {
    /// The order, for whoever may see it: its customer or the bar.
    pub(crate) async fn find(&self, actor: &Actor, id: &OrderId) -> Result<StoredOrder, OrderError> {
        self.load_for(actor, id).instrument(order_span(id)).await
    }

    /// The same, and publishes it: another node may have written it a moment ago.
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

    /// Carries a command out. Of several that compete one wins, and the others are told what happened.
    ///
    /// # Errors
    /// The refusal of the order as it is at the end of the race.
    pub(crate) async fn execute(
        &self,
        actor: &Actor,
        id: &OrderId,
        command: &Command,
    ) -> Result<StoredOrder, OrderError> {
        self.try_execute(actor, id, command).instrument(order_span(id)).await
    }

    async fn try_execute(&self, actor: &Actor, id: &OrderId, command: &Command) -> Result<StoredOrder, OrderError> {
        for _ in 0..ATTEMPTS {
            let stored = self.load_for(actor, id).await?;
            let outcome = match stored.order.decide(actor, command, self.now())? {
                Decision::AlreadyDone => return Ok(stored),
                Decision::Record(facts) => self.append_events(stored, &facts).await,
                Decision::RecordThenSend(facts, ..) => match self.append_events(stored, &facts).await {
                    Ok(stored) => return self.choice_made(stored).await,
                    conflict => conflict,
                },
                Decision::SendThenRecord(step, message, facts) => {
                    let Some(token) = Self::open_token(&stored, step) else { return Err(Refusal::OnItsWay.into()) };
                    match self.workflow.send(&stored.order, &token, &message, &facts).await {
                        TokenOutcome::Accepted => {
                            return Ok(self.record_events(id, &stored.order.customer, &facts).await?);
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

    /// A choice has been written down: send it, and tell its customer if the time to choose was over.
    async fn choice_made(&self, stored: StoredOrder) -> Result<StoredOrder, OrderError> {
        let stored = self.forward_choice(stored).await?;
        match stored.order.ended() {
            Some((ending, _)) => Err(Refusal::already_ended(ending).into()),
            None => Ok(stored),
        }
    }
}
