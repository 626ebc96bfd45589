//! Steps that a commit leaves to later ones because it has used up its allowance.
//!
//! Without this, an execution that never waits, or executions that keep answering each other's tasks, would block the
//! writer until they end. The remaining steps are stored in the same commit, and the timer loop runs them in later
//! ones.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use crate::{
    api::context::Transaction,
    clock::Timestamp,
    error::ApiError,
    stepfunctions::{
        language::host::{QueueChange, QueuedState, Stimulus},
        service::pending_step::PendingStep,
    },
};

/// Stores a step for a later commit. An execution has at most one [`Stimulus::Resume`] stored.
pub(super) fn defer(tx: &Transaction<'_>, step: &PendingStep) -> Result<(), ApiError> {
    let stimulus = match &step.stimulus {
        Stimulus::Resume => None,
        stimulus => Some(
            serde_json::to_string(stimulus)
                .map_err(|error| ApiError::internal(format!("a stimulus cannot be written: {error}")))?,
        ),
    };
    tx.db()
        .prepare_cached("INSERT OR IGNORE INTO agenda (execution, stimulus) VALUES (?1, ?2)")?
        .execute((step.execution, stimulus))?;
    tx.job.deadline_set(Timestamp(0));
    Ok(())
}

/// Removes a stored step and adds it to the pending steps of this transaction.
pub(super) fn resume(tx: &Transaction<'_>, id: i64) -> Result<(), ApiError> {
    let found = tx
        .db()
        .prepare_cached("DELETE FROM agenda WHERE id = ?1 RETURNING execution, stimulus")?
        .query_row([id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?)))
        .optional()?;
    let Some((execution, stimulus)) = found else { return Ok(()) };
    let stimulus = match stimulus {
        None => Stimulus::Resume,
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| ApiError::internal(format!("a stored stimulus cannot be read: {error}")))?,
    };
    tx.push_step(execution, stimulus);
    Ok(())
}

/// The first `limit` stored steps that are due, in the order in which they were stored.
pub(super) fn due(db: &Connection, now: Timestamp, limit: i64) -> Result<Vec<i64>, ApiError> {
    let mut query = db.prepare_cached("SELECT id FROM agenda WHERE due <= ?1 ORDER BY id LIMIT ?2")?;
    let rows = query.query_map((now.millis(), limit), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the next stored step is due.
pub(super) fn next_due(db: &Connection) -> Result<Option<i64>, ApiError> {
    Ok(db.prepare_cached("SELECT min(due) FROM agenda")?.query_row([], |row| row.get(0))?)
}

/// Postpones a stored step.
pub(super) fn postpone(tx: &Transaction<'_>, id: i64, due: Timestamp) -> Result<(), ApiError> {
    tx.db().prepare_cached("UPDATE agenda SET due = ?2 WHERE id = ?1")?.execute((id, due.millis()))?;
    Ok(())
}

/// Stores the changes to an execution's queue of states.
pub(super) fn store_state_queue(tx: &Transaction<'_>, execution: i64, change: QueueChange) -> Result<(), ApiError> {
    let db = tx.db();
    for position in &change.removed {
        db.prepare_cached("DELETE FROM queued_states WHERE execution = ?1 AND position = ?2")?
            .execute((execution, position))?;
    }
    if !change.removed.is_empty() {
        db.prepare_cached(
            "DELETE FROM queued_inputs WHERE execution = ?1
                 AND number NOT IN (SELECT input FROM queued_states WHERE execution = ?1)",
        )?
        .execute([execution])?;
    }
    let mut written = None;
    for state in &change.added {
        if written != Some(state.input_id) {
            let input = state.input.to_string();
            tx.job.allowance.spend(input.len());
            db.prepare_cached("INSERT INTO queued_inputs (execution, number, input) VALUES (?1, ?2, ?3)")?
                .execute((execution, state.input_id, input))?;
            written = Some(state.input_id);
        }
        db.prepare_cached(
            "INSERT INTO queued_states (execution, position, strand, name, input) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((execution, state.position, state.strand, &state.name, state.input_id))?;
    }
    if change.is_empty {
        return Ok(());
    }
    defer(tx, &PendingStep { execution, stimulus: Stimulus::Resume })
}

/// The stored queue of an execution, in order.
pub(super) fn state_queue(db: &Connection, execution: i64) -> Result<Vec<QueuedState>, ApiError> {
    let mut query = db.prepare_cached(
        "SELECT position, strand, name, input FROM queued_states WHERE execution = ?1 ORDER BY position",
    )?;
    let mut input_of = db.prepare_cached("SELECT input FROM queued_inputs WHERE execution = ?1 AND number = ?2")?;
    let mut rows = query.query([execution])?;
    let mut queue: Vec<QueuedState> = Vec::new();
    while let Some(row) = rows.next()? {
        let input_id = row.get(3)?;
        let input = match queue.last() {
            Some(last) if last.input_id == input_id => Arc::clone(&last.input),
            _ => {
                let text: String = input_of.query_row((execution, input_id), |row| row.get(0))?;
                Arc::new(serde_json::from_str(&text).map_err(|error| {
                    ApiError::internal(format!("the input of a queued state cannot be read: {error}"))
                })?)
            }
        };
        queue.push(QueuedState { position: row.get(0)?, strand: row.get(1)?, name: row.get(2)?, input_id, input });
    }
    Ok(queue)
}
