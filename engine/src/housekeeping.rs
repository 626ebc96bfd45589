//! What has to be done now and then: removing items whose time to live is over, and executions that ended long ago.
//!
//! Both go in small portions, each a commit of its own, so that no order waits for the broom.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    api::context::Transaction, cloud::Cloud, dynamodb::ttl, error::ApiError, stepfunctions::service::retention,
};

/// The pause between two sweeps. AWS promises days; a minute keeps a table of a busy bar small.
const PAUSE: Duration = Duration::from_secs(60);
/// Items of one commit.
const MAX_ITEMS: usize = 200;
/// Items or rows between two looks at the clock: a commit that takes too long ends early.
const PORTION: usize = 10;
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
            () = cloud.context.clock.sleep_until(cloud.context.clock.now() + PAUSE) => {}
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
        let mut gone = 0;
        loop {
            let portion = ttl::sweep_expired(tx.db(), tx.now(), PORTION)?;
            gone += portion;
            if portion < PORTION {
                return Ok(false);
            }
            if gone >= MAX_ITEMS || tx.job.allowance.is_out_of_time() {
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
            left = cloud.transact(move |tx| forget_some(tx, left.clone())).await?;
        }
    }
    let mut after = Some(0);
    while let Some(from) = after {
        let now = cloud.context.clock.now();
        // The readers look, so that the writer has only to remove.
        let found = cloud.store.read(move |db| retention::expired(db, from, now)).await?;
        after = found.next;
        let mut left = found.executions;
        left.reverse();
        while !left.is_empty() {
            left = cloud.transact(move |tx| forget_some(tx, left.clone())).await?;
        }
    }
    Ok(())
}

/// Removes from the end of `executions` until [`MAX_ROWS`] rows are gone or the time of the commit is over; returns those
/// that are left.
fn forget_some(tx: &Transaction<'_>, mut executions: Vec<i64>) -> Result<Vec<i64>, ApiError> {
    let mut gone = 0;
    while gone < MAX_ROWS
        && !(gone > 0 && tx.job.allowance.is_out_of_time())
        && let Some(execution) = executions.last().copied()
    {
        let (rows, more) = retention::forget(tx.db(), execution, PORTION)?;
        gone += rows;
        if !more {
            executions.pop();
        }
    }
    Ok(executions)
}
