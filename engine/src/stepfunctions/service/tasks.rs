//! The rows of waiting tasks and timers, with their deadlines.

use rusqlite::OptionalExtension;

use crate::{
    api::context::Transaction,
    clock::Timestamp,
    error::ApiError,
    stepfunctions::{
        language::host::{Deadlines, Stimulus, TaskError},
        service::pending_step::PendingStep,
    },
};

/// Opens a task. `nonce` is that of its token, if a token answers it.
pub(super) fn open(
    tx: &Transaction<'_>,
    execution: i64,
    task: i64,
    nonce: Option<&[u8]>,
    deadlines: Deadlines,
) -> Result<(), ApiError> {
    let heartbeat = deadlines.heartbeat_interval_ms.map(|interval| tx.now().millis().saturating_add(interval));
    let timeout = deadlines.timeout.map(Timestamp::millis);
    let due = earlier(heartbeat, timeout);
    tx.db()
        .prepare_cached(
            "INSERT INTO open_tasks (execution, task, nonce, heartbeat_interval, heartbeat_due, timeout_due, due)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((execution, task, nonce, deadlines.heartbeat_interval_ms, heartbeat, timeout, due))?;
    if let Some(due) = due {
        tx.job.deadline_set(Timestamp(due));
    }
    Ok(())
}

/// Closes a task, which invalidates its token. Closing a closed task does nothing.
pub(super) fn close(tx: &Transaction<'_>, execution: i64, task: i64) -> Result<(), ApiError> {
    let mut delete = tx.db().prepare_cached("DELETE FROM open_tasks WHERE execution = ?1 AND task = ?2")?;
    delete.execute((execution, task))?;
    Ok(())
}

/// Stops the executions that tasks of this one wait for: all of them, or those of one task.
pub(super) fn stop_awaited(tx: &Transaction<'_>, execution: i64, task: Option<i64>) -> Result<(), ApiError> {
    let mut awaited = tx.db().prepare_cached(
        "SELECT id FROM executions
         WHERE parent_execution = ?1 AND (?2 IS NULL OR parent_task = ?2) AND status = 'RUNNING'",
    )?;
    let awaited = awaited.query_map((execution, task), |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
    let stop = |execution| {
        let reason = TaskError { error: String::new(), cause: String::new() };
        PendingStep { execution, stimulus: Stimulus::Stop(reason) }
    };
    tx.pending_steps.borrow_mut().extend(awaited.into_iter().map(stop));
    Ok(())
}

/// Restarts the heartbeat interval of a task; does nothing if it has none.
pub(super) fn heartbeat(tx: &Transaction<'_>, execution: i64, task: i64) -> Result<(), ApiError> {
    let intervals = tx
        .db()
        .prepare_cached("SELECT heartbeat_interval, timeout_due FROM open_tasks WHERE execution = ?1 AND task = ?2")?
        .query_row((execution, task), |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)))
        .optional()?;
    let Some((Some(interval), timeout)) = intervals else { return Ok(()) };
    let heartbeat = tx.now().millis().saturating_add(interval);
    tx.db()
        .prepare_cached("UPDATE open_tasks SET heartbeat_due = ?3, due = ?4 WHERE execution = ?1 AND task = ?2")?
        .execute((execution, task, heartbeat, earlier(Some(heartbeat), timeout)))?;
    Ok(())
}

pub(super) fn set_timer(tx: &Transaction<'_>, execution: i64, event: i64, due: Timestamp) -> Result<(), ApiError> {
    tx.db().prepare_cached("INSERT OR REPLACE INTO timers (execution, event, due) VALUES (?1, ?2, ?3)")?.execute((
        execution,
        event,
        due.millis(),
    ))?;
    tx.job.deadline_set(due);
    Ok(())
}

/// Deletes a timer; a missing timer is no error.
pub(super) fn cancel_timer(tx: &Transaction<'_>, execution: i64, event: i64) -> Result<(), ApiError> {
    let mut delete = tx.db().prepare_cached("DELETE FROM timers WHERE execution = ?1 AND event = ?2")?;
    delete.execute((execution, event))?;
    Ok(())
}

/// Closes all tasks and timers of an ended execution.
pub(super) fn close_all(tx: &Transaction<'_>, execution: i64) -> Result<(), ApiError> {
    tx.db().prepare_cached("DELETE FROM open_tasks WHERE execution = ?1")?.execute([execution])?;
    tx.db().prepare_cached("DELETE FROM timers WHERE execution = ?1")?.execute([execution])?;
    Ok(())
}

fn earlier(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
