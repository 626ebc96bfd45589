//! The timer loop: sleeps until the next deadline, then fires what is due.
//!
//! Deadlines are stored. Those that passed while the process was down fire at start.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use rusqlite::{Connection, OptionalExtension};
use tokio_util::sync::CancellationToken;

use crate::{
    api::context::Transaction,
    clock::Timestamp,
    cloud::Cloud,
    error::ApiError,
    stepfunctions::{
        language::host::Stimulus,
        service::{deferred_steps, pending_step::PendingStep},
    },
};

/// Maximum number of deadlines that fire at once; the writer commits them together.
const MAX_AT_ONCE: i64 = 256;
/// Maximum number of deferred steps that run at once. Each may use the whole allowance of a commit, and callers wait
/// for all of them.
const MAX_DEFERRED: i64 = 4;
/// Pause before a deadline that could not be fired is tried again.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// A row whose deadline has passed.
#[derive(Debug, Clone, Copy)]
enum Overdue {
    Task {
        execution: i64,
        task: i64,
    },
    Timer {
        execution: i64,
        event: i64,
    },
    /// A step that an earlier commit has deferred.
    Deferred {
        id: i64,
    },
}

/// Runs until `stop`.
pub(crate) async fn run(cloud: Arc<Cloud>, stop: CancellationToken) {
    let deadline = &cloud.store.signals().deadline;
    let mut earlier = deadline.subscribe();
    loop {
        // From here on every new deadline is signalled; after the read only those that are earlier than the one it
        // found.
        deadline.send_replace(None);
        earlier.borrow_and_update();
        let next = match fire_due(&cloud).await {
            Ok(next) => next,
            Err(_) if stop.is_cancelled() => return,
            Err(error) => {
                tracing::error!(%error, "the deadlines cannot be read");
                Some(cloud.context.clock.now() + PAUSE_AFTER_FAILURE)
            }
        };
        deadline.send_if_modified(|known| {
            *known = match (*known, next) {
                (Some(known), Some(next)) => Some(known.min(next)),
                (known, next) => known.or(next),
            };
            false
        });
        tokio::select! {
            () = stop.cancelled() => return,
            _ = earlier.changed() => {}
            () = sleep(&cloud, next) => {}
        }
    }
}

async fn sleep(cloud: &Cloud, until: Option<Timestamp>) {
    match until {
        Some(deadline) => cloud.context.clock.sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Fires what is due; returns the next deadline.
async fn fire_due(cloud: &Cloud) -> Result<Option<Timestamp>, ApiError> {
    loop {
        let now = cloud.context.clock.now();
        let overdue = cloud.store.read(move |db| overdue(db, now)).await?;
        if overdue.is_empty() {
            return cloud.store.read(next_deadline).await;
        }
        let fired = join_all(overdue.into_iter().map(|row| fire(cloud, row))).await;
        if fired.contains(&false) {
            // The store cannot be written, perhaps because the disk is full. Trying again at once would waste processor
            // time.
            return Ok(Some(cloud.context.clock.now() + PAUSE_AFTER_FAILURE));
        }
    }
}

/// Returns false if the row is still overdue because the store cannot be written.
async fn fire(cloud: &Cloud, row: Overdue) -> bool {
    let Err(error) = cloud.transact(move |tx| take_step(tx, row)).await else { return true };
    tracing::error!(%error, ?row, "a deadline could not be fired; it is tried again");
    cloud.transact(move |tx| postpone(tx, row)).await.is_ok()
}

fn overdue(db: &Connection, now: Timestamp) -> Result<Vec<Overdue>, ApiError> {
    let mut tasks =
        db.prepare_cached("SELECT execution, task FROM open_tasks WHERE due <= ?1 ORDER BY due LIMIT ?2")?;
    let tasks = tasks.query_map((now.millis(), MAX_AT_ONCE), |row| {
        Ok(Overdue::Task { execution: row.get(0)?, task: row.get(1)? })
    })?;
    let mut found = tasks.collect::<Result<Vec<_>, _>>()?;
    let mut timers = db.prepare_cached("SELECT execution, event FROM timers WHERE due <= ?1 ORDER BY due LIMIT ?2")?;
    let timers = timers.query_map((now.millis(), MAX_AT_ONCE), |row| {
        Ok(Overdue::Timer { execution: row.get(0)?, event: row.get(1)? })
    })?;
    for timer in timers {
        found.push(timer?);
    }
    found.extend(deferred_steps::due(db, now, MAX_DEFERRED)?.into_iter().map(|id| Overdue::Deferred { id }));
    Ok(found)
}

fn next_deadline(db: &Connection) -> Result<Option<Timestamp>, ApiError> {
    let earliest = |sql| -> Result<Option<i64>, ApiError> {
        Ok(db.prepare_cached(sql)?.query_row([], |row| row.get::<_, Option<i64>>(0))?)
    };
    let task = earliest("SELECT min(due) FROM open_tasks WHERE due IS NOT NULL")?;
    let timer = earliest("SELECT min(due) FROM timers")?;
    Ok(task.into_iter().chain(timer).chain(deferred_steps::next_due(db)?).min().map(Timestamp))
}

/// Removes the row and adds its step to the pending ones, unless an answer or a heartbeat came first.
fn take_step(tx: &Transaction<'_>, row: Overdue) -> Result<(), ApiError> {
    let now = tx.now().millis();
    let due = match row {
        Overdue::Task { execution, task } => {
            let heartbeat = tx
                .db()
                .prepare_cached(
                    "DELETE FROM open_tasks WHERE execution = ?1 AND task = ?2 AND due <= ?3
                     RETURNING coalesce(heartbeat_due <= ?3 AND (timeout_due IS NULL OR heartbeat_due < timeout_due), 0)",
                )?
                .query_row((execution, task, now), |row| row.get::<_, bool>(0))
                .optional()?;
            heartbeat.map(|heartbeat| PendingStep {
                execution,
                stimulus: Stimulus::TaskTimedOut { scheduled_event_id: task, heartbeat },
            })
        }
        Overdue::Timer { execution, event } => {
            let mut delete =
                tx.db().prepare_cached("DELETE FROM timers WHERE execution = ?1 AND event = ?2 AND due <= ?3")?;
            let stimulus = if event == 0 { Stimulus::Start } else { Stimulus::TimerFired { event_id: event } };
            (delete.execute((execution, event, now))? == 1).then_some(PendingStep { execution, stimulus })
        }
        Overdue::Deferred { id } => return deferred_steps::resume(tx, id),
    };
    tx.pending_steps.borrow_mut().extend(due);
    Ok(())
}

fn postpone(tx: &Transaction<'_>, row: Overdue) -> Result<(), ApiError> {
    let later = (tx.now() + PAUSE_AFTER_FAILURE).millis();
    match row {
        // Only `due` changes; the deadlines themselves stay, so that the task still knows which of them has passed.
        Overdue::Task { execution, task } => {
            let mut update =
                tx.db().prepare_cached("UPDATE open_tasks SET due = ?3 WHERE execution = ?1 AND task = ?2")?;
            update.execute((execution, task, later))?;
        }
        Overdue::Timer { execution, event } => {
            let mut update =
                tx.db().prepare_cached("UPDATE timers SET due = ?3 WHERE execution = ?1 AND event = ?2")?;
            update.execute((execution, event, later))?;
        }
        Overdue::Deferred { id } => deferred_steps::postpone(tx, id, tx.now() + PAUSE_AFTER_FAILURE)?,
    }
    Ok(())
}
