//! What has to be done now and then: removing items whose time to live is over.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{cloud::Cloud, tables};

/// The pause between two sweeps. AWS promises days; a minute keeps a table of a busy bar small.
const PAUSE: Duration = Duration::from_secs(60);
/// Items of one commit, so that a large sweep does not hold up the orders.
const MAX_ITEMS: usize = 200;

/// Runs until `stop`.
pub(crate) async fn run(cloud: Arc<Cloud>, stop: CancellationToken) {
    loop {
        sweep(&cloud).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = cloud.site.clock.sleep_until(cloud.site.clock.now() + PAUSE) => {}
        }
    }
}

async fn sweep(cloud: &Cloud) {
    loop {
        let swept = cloud.transact(|scope| tables::sweep_expired(scope.db(), scope.now(), MAX_ITEMS)).await;
        match swept {
            Ok(MAX_ITEMS) => {}
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%error, "expired items could not be removed; the next sweep tries again");
                return;
            }
        }
    }
}
