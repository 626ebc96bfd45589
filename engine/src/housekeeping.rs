//! Periodic clean-up: deletes items whose time to live has passed, and executions that ended long ago.
//!
//! Works in small batches, one commit each, so that orders never wait long for it.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    api::context::Transaction, cloud::Cloud, dynamodb::ttl, error::ApiError, stepfunctions::service::retention,
};

/// Interval between sweeps. AWS deletes expired items within days; a minute keeps the tables small.
const INTERVAL: Duration = Duration::from_secs(60);
/// Maximum number of items in one commit.
const MAX_ITEMS: usize = 200;
/// Items or rows between two checks of the time limit; a commit that takes too long ends early.
const CHUNK: usize = 10;
/// Maximum number of rows of executions and their histories in one commit; a row may have 32 KiB of events.
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
            () = cloud.context.clock.sleep_until(cloud.context.clock.now() + INTERVAL) => {}
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
    let sweep = |tx: &Transaction<'_>| {
        let mut deleted = 0;
        loop {
            let chunk = ttl::sweep_expired(tx.db(), tx.now(), CHUNK)?;
            deleted += chunk;
            if chunk < CHUNK {
                return Ok(false);
            }
            if deleted >= MAX_ITEMS || tx.job.allowance.is_out_of_time() {
                return Ok(true);
            }
        }
    };
    while cloud.transact(sweep).await? {}
    Ok(())
}

async fn sweep_executions(cloud: &Cloud) -> Result<(), ApiError> {
    loop {
        let now = cloud.context.clock.now();
        let mut left = cloud.store.read(move |db| retention::expired_early(db, now)).await?;
        if left.is_empty() {
            break;
        }
        while !left.is_empty() {
            left = cloud.transact(move |tx| delete_some(tx, left.clone())).await?;
        }
    }
    let mut after = Some(0);
    while let Some(from) = after {
        let now = cloud.context.clock.now();
        // Read on a reader thread, so that the writer only deletes.
        let found = cloud.store.read(move |db| retention::expired(db, from, now)).await?;
        after = found.next;
        let mut left = found.executions;
        left.reverse();
        while !left.is_empty() {
            left = cloud.transact(move |tx| delete_some(tx, left.clone())).await?;
        }
    }
    Ok(())
}

/// Deletes from the end of `executions` until [`MAX_ROWS`] rows are gone or the commit has used up its time; returns
/// the executions that are left.
fn delete_some(tx: &Transaction<'_>, mut executions: Vec<i64>) -> Result<Vec<i64>, ApiError> {
    let mut deleted = 0;
    while deleted < MAX_ROWS
        && !(deleted > 0 && tx.job.allowance.is_out_of_time())
        && let Some(execution) = executions.last().copied()
    {
        let (rows, more) = retention::delete_some(tx.db(), execution, CHUNK)?;
        deleted += rows;
        if !more {
            executions.pop();
        }
    }
    Ok(executions)
}
