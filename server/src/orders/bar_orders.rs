//! What a barista does with several orders or with no order yet: claim a batch, place a walk-in order, list the last
//! orders.

use domain::{
    Actor, BaristaId, CustomerId, OrderCommand, OrderId, Refusal,
    view::{MAX_BATCH, Ticket},
};

use super::{OrderError, Orders, StoredOrder};

/// How many ended orders a barista can choose from for a recall.
const RECALLABLE: usize = 40;
/// How many of the last changed orders are read to find them. There are never that many open orders.
const READ_FOR_RECALL: i32 = 160;

impl Orders {
    /// Claims a batch of orders, oldest first. An order that somebody else has claimed meanwhile is skipped.
    ///
    /// # Errors
    /// The last refusal, when no order could be claimed.
    pub(crate) async fn claim_together(
        &self,
        barista: &BaristaId,
        orders: &[OrderId],
    ) -> Result<Vec<StoredOrder>, OrderError> {
        let actor = Actor::Barista(barista.clone());
        let (mut claimed, mut refused) = (Vec::new(), OrderError::Refused(Refusal::NotFound));
        for id in orders.iter().take(MAX_BATCH) {
            match self.execute(&actor, id, &OrderCommand::Claim { take_over: false }).await {
                Ok(stored) => claimed.push(stored),
                Err(error) => refused = error,
            }
        }
        if claimed.is_empty() { Err(refused) } else { Ok(claimed) }
    }

    /// Places an order for a guest without a phone, as a customer of its own, so it is subject to the same rules as
    /// other orders. Waits for its number, but not longer than [`Orders::wait_for_change`] does.
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

    /// The last ended orders, newest first.
    pub(crate) async fn last_ended(&self) -> Result<Vec<Ticket>, OrderError> {
        let latest = self.repository.latest(READ_FOR_RECALL).await?;
        Ok(latest.iter().filter_map(|stored| Ticket::past(&stored.order)).take(RECALLABLE).collect())
    }
}
