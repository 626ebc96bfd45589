//! Adds facts to the record, whoever else writes it at the same time.

use domain::{CustomerId, Order, OrderEvent, OrderId};

use super::{Orders, StoreError, StoredOrder};

/// How often a write is tried again because somebody else was quicker. Each of them made progress, so this is plenty.
const ATTEMPTS: u32 = 64;

/// Why a record could not be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpdateError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The order is somebody else's.
    #[error("order {0} belongs to another customer")]
    NotTheirs(OrderId),
    /// Too many others write the same record.
    #[error("the record of order {0} changes all the time")]
    Contended(OrderId),
}

impl UpdateError {
    /// Whether another attempt could have another outcome.
    pub(crate) const fn may_pass(&self) -> bool {
        match self {
            Self::NotTheirs(_) | Self::Store(StoreError::Unreadable(..)) => false,
            Self::Contended(_) | Self::Store(StoreError::Conflict | StoreError::Unavailable(_)) => true,
        }
    }
}

impl Orders {
    /// Adds `facts` to the record, which is made for this customer when it is not there. Facts that are known already
    /// change nothing.
    ///
    /// # Errors
    /// [`UpdateError::NotTheirs`] when the order belongs to another customer.
    pub(crate) async fn record_events(
        &self,
        id: &OrderId,
        customer: &CustomerId,
        facts: &[OrderEvent],
    ) -> Result<StoredOrder, UpdateError> {
        for _ in 0..ATTEMPTS {
            let found = self.repository.load(id).await?;
            let stored = found.unwrap_or_else(|| StoredOrder::new(Order::new(id.clone(), customer.clone())));
            if stored.order.customer != *customer {
                return Err(UpdateError::NotTheirs(id.clone()));
            }
            match self.append_events(stored, facts).await {
                Err(StoreError::Conflict) => {}
                done => return Ok(done?),
            }
        }
        Err(UpdateError::Contended(id.clone()))
    }

    /// Counts an order that began or ended with the version that was just written.
    pub(super) fn count(&self, before: Option<&StoredOrder>, saved: &StoredOrder) {
        let balance = &self.metrics.balance;
        if before.is_none_or(|before| before.item.is_empty()) {
            balance.begun();
        }
        if let Some(end) = &saved.order.end
            && before.is_none_or(|before| before.order.end.is_none())
        {
            balance.ended(&end.ending);
        }
    }

    /// Adds `facts` to the record as it was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has changed since.
    pub(super) async fn append_events(
        &self,
        stored: StoredOrder,
        facts: &[OrderEvent],
    ) -> Result<StoredOrder, StoreError> {
        let mut next = stored.clone();
        for fact in facts {
            next.order.apply(fact.clone());
        }
        if stored.version > 0 && next.order == stored.order {
            return Ok(stored);
        }
        let saved = self.repository.save(next, self.now()).await?;
        self.count(Some(&stored), &saved);
        self.publish(&saved);
        Ok(saved)
    }
}
