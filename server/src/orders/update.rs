//! Applies events to the record of an order, although other processes may write it at the same time.

use domain::{CustomerId, Order, OrderEvent, OrderId};

use super::{Orders, StoreError, StoredOrder};

/// How often a write is tried again after a conflict. Each conflict means that another writer succeeded, so this is
/// enough.
const ATTEMPTS: u32 = 64;

/// Why a record could not be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpdateError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The order belongs to another customer.
    #[error("order {0} belongs to another customer")]
    OtherCustomer(OrderId),
    /// Every attempt ended in a conflict.
    #[error("the record of order {0} is changed too often by others")]
    Contended(OrderId),
}

impl UpdateError {
    /// Whether another attempt may succeed.
    pub(crate) const fn is_transient(&self) -> bool {
        match self {
            Self::OtherCustomer(_) | Self::Store(StoreError::Unreadable(..)) => false,
            Self::Contended(_) | Self::Store(StoreError::Conflict | StoreError::Unavailable(_)) => true,
        }
    }
}

impl Orders {
    /// Applies `events` to the record, which is created for this customer if it does not exist. Events that are known
    /// already have no effect.
    ///
    /// # Errors
    /// [`UpdateError::OtherCustomer`] when the order belongs to another customer.
    pub(crate) async fn record_events(
        &self,
        id: &OrderId,
        customer: &CustomerId,
        events: &[OrderEvent],
    ) -> Result<StoredOrder, UpdateError> {
        for _ in 0..ATTEMPTS {
            let found = self.repository.load(id).await?;
            let stored = found.unwrap_or_else(|| StoredOrder::new(Order::new(id.clone(), customer.clone())));
            if stored.order.customer != *customer {
                return Err(UpdateError::OtherCustomer(id.clone()));
            }
            match self.append_events(stored, events).await {
                Err(StoreError::Conflict) => {}
                done => return Ok(done?),
            }
        }
        Err(UpdateError::Contended(id.clone()))
    }

    /// Updates the metrics when this write created or ended the order.
    pub(super) fn count(&self, before: Option<&StoredOrder>, saved: &StoredOrder) {
        let order_counts = &self.metrics.order_counts;
        if before.is_none_or(|before| before.item.is_empty()) {
            order_counts.started();
        }
        if let Some(end) = &saved.order.end
            && before.is_none_or(|before| before.order.end.is_none())
        {
            order_counts.ended(&end.ending);
        }
    }

    /// Applies `events` to the record as it was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has changed since.
    pub(super) async fn append_events(
        &self,
        stored: StoredOrder,
        events: &[OrderEvent],
    ) -> Result<StoredOrder, StoreError> {
        let mut next = stored.clone();
        for event in events {
            next.order.apply(event.clone());
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
