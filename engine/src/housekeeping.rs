//! What has to be done now and then: removing items whose time to live is over, and executions that ended long ago.
//!
//! Both go in small portions, each a commit of its own, so that no order waits for the broom.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{cloud::Cloud, error::ApiError, executions, tables};

/// The pause between two sweeps. AWS promises days; a minute keeps a table of a busy bar small.
const PAUSE: Duration = Duration::from_secs(60);
/// Items of one commit.
const MAX_ITEMS: usize = 200;
/// Rows of executions and their histories that go in one commit; a row may have 32 KiB of events.
const MAX_ROWS: usize = 100;

/// Runs until `stop`.
pub(crate) async fn run(cloud: Arc<Cloud>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sweep(&cloud) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = cloud.site.clock.sleep_until(cloud.site.clock.now() + PAUSE) => {}
        }
    }
}

async fn sweep(cloud: &Cloud) {
    if let Err(error) = sweep_items(cloud).await {
        tracing::warn!(%error, "expired items could not be removed; the next sweep tries again");
    }
    if let Err(error) = sweep_executions(cloud).await {
        tracing::warn!(%error, "old executions could not be removed; the next sweep tries again");
    }
}

async fn sweep_items(cloud: &Cloud) -> Result<(), ApiError> {
    while cloud.transact(|scope| tables::sweep_expired(scope.db(), scope.now(), MAX_ITEMS)).await? == MAX_ITEMS {}
    Ok(())
}

async fn sweep_executions(cloud: &Cloud) -> Result<(), ApiError> {
    let mut after = Some(0);
    while let Some(from) = after {
        let now = cloud.site.clock.now();
        // The readers look, so that the writer has only to remove.
        let found = cloud.store.read(move |db| executions::expired(db, from, now)).await?;
        after = found.next;
        let mut left = found.executions;
        left.reverse();
        while !left.is_empty() {
            left = cloud.transact(move |scope| forget_some(scope.db(), left.clone())).await?;
        }
    }
    Ok(())
}

/// Removes from the end of `executions` until [`MAX_ROWS`] rows are gone; returns those that are left.
fn forget_some(db: &rusqlite::Connection, mut executions: Vec<i64>) -> Result<Vec<i64>, ApiError> {
    let mut gone = 0;
    while gone < MAX_ROWS
        && let Some(execution) = executions.last().copied()
    {
        let (rows, more) = executions::forget(db, execution, MAX_ROWS - gone)?;
        gone += rows;
        if !more {
            executions.pop();
        }
    }
    Ok(executions)
}
