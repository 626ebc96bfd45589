//! What the bar does with several orders, or with none yet: make some together, place one for a guest without a phone,
//! look at the last ones.

use domain::{
    Actor, BaristaId, Command, CustomerId, OrderId, Refusal,
    view::{BATCH, Ticket},
};

use super::{OrderError, Orders, StoredOrder};

/// How many of the last orders the bar can bring back.
const LAST: usize = 40;
/// So many of those that have changed last are looked at for them: more are never under way at once.
const SEEN: i32 = 160;

impl Orders {
    /// Claims orders that are made together, oldest first. What somebody else has taken meanwhile is left to them.
    ///
    /// # Errors
    /// The first refusal, when none of them could be claimed.
    pub(crate) async fn claim_together(
        &self,
        barista: &BaristaId,
        orders: &[OrderId],
    ) -> Result<Vec<StoredOrder>, OrderError> {
        let actor = Actor::Barista(barista.clone());
        let (mut claimed, mut refused) = (Vec::new(), OrderError::Refused(Refusal::NotFound));
        for id in orders.iter().take(BATCH) {
            match self.execute(&actor, id, &Command::Claim { take_over: false }).await {
                Ok(stored) => claimed.push(stored),
                Err(error) => refused = error,
            }
        }
        if claimed.is_empty() { Err(refused) } else { Ok(claimed) }
    }

    /// Places an order for somebody at the bar. It is an order like any other, by a customer of its own, so it waits,
    /// has a number and runs out of time as others do. Returns it with its number when that comes soon.
    ///
    /// # Errors
    /// As [`Orders::submit`].
    pub(crate) async fn walk_in(
        &self,
        key: &str,
        drink: &str,
        modifiers: &[String],
    ) -> Result<StoredOrder, OrderError> {
        let customer = CustomerId::walk_in(key).map_err(|_| OrderError::Key)?;
        let stored = self.submit(&customer, None, key, drink, modifiers).await?;
        let stored = self
            .wait_for_change(stored, |stored| stored.order.number.is_none() && stored.order.ended().is_none())
            .await;
        match stored.order.ended() {
            Some((ending, _)) if stored.order.number.is_none() => Err(Refusal::already_ended(ending).into()),
            _ => Ok(stored),
        }
    }

    /// The last orders that have ended, newest first.
    pub(crate) async fn last_ended(&self) -> Result<Vec<Ticket>, OrderError> {
        let latest = self.repository.latest(SEEN).await?;
        Ok(latest.iter().filter_map(|stored| Ticket::past(&stored.order)).take(LAST).collect())
    }
}
