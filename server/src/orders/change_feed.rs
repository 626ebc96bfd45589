//! Publishes changes of orders that other processes write: other nodes, functions, or a person with the AWS CLI. Polls
//! the index of changes, and ignores versions that the hub has already.

use std::{sync::Arc, time::Duration};

use engine::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::Orders;
use crate::time;

/// The polling interval.
const INTERVAL: Duration = Duration::from_millis(500);
/// How far back each query reaches, in milliseconds: clocks differ, and the index may lag.
const OVERLAP_MILLIS: i64 = 5_000;

/// Runs until `stop` is cancelled.
pub(crate) async fn follow_changes(orders: Arc<Orders>, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let mut failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = time::sleep(&*clock, INTERVAL) => {}
        }
        let since = orders.now().plus_millis(-OVERLAP_MILLIS);
        let result = orders.repository.changed_since(since).await;
        match &result {
            Ok(changed) => {
                let published = changed.iter().filter(|stored| orders.publish(stored)).count();
                orders.metrics.feed.changes.inc_by(u64::try_from(published).unwrap_or(u64::MAX));
            }
            // Only the first of several failures is logged as an error.
            Err(error) if !failing => tracing::error!(%error, "changes by other processes cannot be read"),
            Err(_) => {}
        }
        failing = result.is_err();
        orders.metrics.feed.failures.inc_by(u64::from(failing));
        match orders.shop.refresh().await {
            Ok(Some(shop)) => orders.publish_shop(shop),
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "the settings cannot be read"),
        }
    }
}
