//! One step of an execution: load or replay it, advance it, store its events.

use std::{collections::HashMap, sync::Arc};

use rusqlite::OptionalExtension;

use crate::{
    api::context::Transaction,
    clock::Timestamp,
    error::ApiError,
    stepfunctions::{
        language::execution::{Execution, ExecutionContext},
        service::{deferred_steps, history, host::ExecutionHost, pending_step::PendingStep},
    },
};

/// Runs pending steps until none is left or the commit has used up its allowance; the others are stored for later
/// commits. At least one step is run, so that every commit makes progress.
pub(crate) fn run_pending_steps(tx: &Transaction<'_>) -> Result<(), ApiError> {
    let mut advanced = HashMap::new();
    loop {
        let next = tx.pending_steps.borrow_mut().pop_front();
        let Some(pending) = next else { break };
        if advanced.is_empty() || !tx.job.allowance.is_spent() {
            step(tx, pending, &mut advanced)?;
        } else {
            deferred_steps::defer(tx, &pending)?;
        }
    }
    if !advanced.is_empty() {
        let cache = Arc::clone(&tx.context.executions);
        tx.job.after_commit(move || cache.put(advanced));
    }
    Ok(())
}

/// Runs one step. `advanced` contains the executions that this transaction has advanced so far; this one is added.
fn step(tx: &Transaction<'_>, pending: PendingStep, advanced: &mut HashMap<i64, Execution>) -> Result<(), ApiError> {
    // Removed from the cache in any case: if this transaction is rolled back, no outdated entry may stay there.
    let cached = tx.context.executions.take(pending.execution);
    let mut execution = match advanced.remove(&pending.execution).or(cached) {
        Some(execution) => execution,
        None => match load(tx, pending.execution)? {
            Some(execution) => execution,
            None => return Ok(()),
        },
    };
    if execution.end().is_some() {
        return Ok(());
    }
    // Limited to short histories, because each step reads the whole history again.
    debug_assert!(
        execution.last_event_id() > 100
            || load(tx, pending.execution).is_ok_and(|replayed| replayed.as_ref() == Some(&execution)),
        "an execution in memory must equal the replay of its history"
    );
    let context = execution.context();
    let arns = [context.state_machine_arn.clone(), context.execution_arn.clone()];
    let mut host = ExecutionHost::new(tx, pending.execution, arns);
    execution.advance(pending.stimulus, &mut host)?;
    host.write_history()?;
    advanced.insert(pending.execution, execution);
    Ok(())
}

/// Replays a running execution from its history; `None` if it has ended.
fn load(tx: &Transaction<'_>, id: i64) -> Result<Option<Execution>, ApiError> {
    let Some((context, revision)) = context(tx, id)? else { return Ok(None) };
    let definition = tx.context.definitions.get(tx.db(), &revision)?;
    let mut execution = Execution::new(context, definition);
    history::for_each(tx.db(), id, |event| {
        execution.replay_event(event).map_err(|error| ApiError::internal(error.to_string()))
    })?;
    execution.end_replay(deferred_steps::state_queue(tx.db(), id)?);
    Ok(Some(execution))
}

/// The context of a running execution and its revision; `None` if it has ended.
fn context(tx: &Transaction<'_>, execution: i64) -> Result<Option<(ExecutionContext, String)>, ApiError> {
    let found = tx
        .db()
        .prepare_cached(
            "SELECT e.arn, e.name, e.machine_arn, e.started, e.input, e.revision, r.role_arn
             FROM executions e JOIN machine_revisions r ON r.id = e.revision
             WHERE e.id = ?1 AND e.status = 'RUNNING'",
        )?
        .query_row([execution], |row| {
            let machine: String = row.get(2)?;
            let input: String = row.get(4)?;
            let context = ExecutionContext {
                execution_arn: row.get(0)?,
                execution_name: row.get(1)?,
                role_arn: row.get(6)?,
                state_machine_name: machine.rsplit(':').next().unwrap_or_default().to_owned(),
                state_machine_arn: machine,
                started_at: Timestamp(row.get(3)?),
                input: serde_json::from_str(&input).unwrap_or_default(),
                region: tx.context.account.region.clone(),
                account: tx.context.account.id.clone(),
            };
            Ok((context, row.get(5)?))
        });
    Ok(found.optional()?)
}
