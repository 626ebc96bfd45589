//! What other processes wrote: other nodes, functions, or a person with the AWS command clock. The table's index of
//! changes is asked twice a second; what is known already is ignored by its version.

use std::{sync::Arc, time::Duration};

use engine::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::Orders;
use crate::time;

/// How often the table is asked.
const INTERVAL: Duration = Duration::from_millis(500);
/// How far back each question reaches, in milliseconds: clocks differ and indexes lag.
const OVERLAP_MILLIS: i64 = 5_000;

/// Runs until `stop`.
pub(crate) async fn follow_changes(orders: Arc<Orders>, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let mut failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = time::sleep(&*clock, INTERVAL) => {}
        }
        let since = orders.now().plus_millis(-OVERLAP_MILLIS);
        let asked = orders.repository.changed_since(since).await;
        match &asked {
            Ok(changed) => {
                let news = changed.iter().filter(|stored| orders.publish(stored)).count();
                orders.metrics.feed.changes.inc_by(u64::try_from(news).unwrap_or(u64::MAX));
            }
            // Once is enough in the log; it is asked again anyway.
            Err(error) if !failing => tracing::error!(%error, "changes by others cannot be read"),
            Err(_) => {}
        }
        failing = asked.is_err();
        orders.metrics.feed.failures.inc_by(u64::from(failing));
        match orders.shop.refresh().await {
            Ok(Some(shop)) => orders.publish_shop(shop),
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "the settings cannot be read"),
        }
    }
}
