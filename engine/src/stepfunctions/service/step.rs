//! One step of an execution: load its history, fold it, let it go on.

use std::{collections::HashMap, sync::Arc};

use rusqlite::OptionalExtension;

use crate::{
    clock::Timestamp,
    cloud::Scope,
    error::ApiError,
    stepfunctions::language::{
        execution::{Execution, ExecutionContext},
        host::Stimulus,
    },
    stepfunctions::service::{agenda, history, host::ExecutionHost},
};

/// An execution that has a reason to go on.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) execution: i64,
    pub(crate) stimulus: Stimulus,
}

/// A function has answered the call of a task.
pub(crate) fn call_answered(scope: &Scope<'_>, execution: i64, stimulus: Stimulus) {
    scope.agenda.borrow_mut().push_back(Due { execution, stimulus });
}

/// Carries on all executions on the agenda until nothing is left to do, or the commit has used up its allowance: the
/// rest is stored for later commits. One step is always taken, so that each commit gets further.
pub(crate) fn carry_on(scope: &Scope<'_>) -> Result<(), ApiError> {
    let mut carried_on = HashMap::new();
    loop {
        let next = scope.agenda.borrow_mut().pop_front();
        let Some(due) = next else { break };
        if carried_on.is_empty() || !scope.work.allowance.is_spent() {
            step(scope, due, &mut carried_on)?;
        } else {
            agenda::store(scope, &due)?;
        }
    }
    if !carried_on.is_empty() {
        let live = Arc::clone(&scope.site.live);
        scope.work.after_commit(move || live.put(carried_on));
    }
    Ok(())
}

/// Takes one step. `carried_on` holds the executions that this transaction has carried on before, and then this one.
fn step(scope: &Scope<'_>, due: Due, carried_on: &mut HashMap<i64, Execution>) -> Result<(), ApiError> {
    // Out of the memory in any case: if this transaction is rolled back, nothing out of date may be left there.
    let kept = scope.site.live.take(due.execution);
    let mut execution = match carried_on.remove(&due.execution).or(kept) {
        Some(execution) => execution,
        None => match load(scope, due.execution)? {
            Some(execution) => execution,
            None => return Ok(()),
        },
    };
    if execution.end().is_some() {
        return Ok(());
    }
    // Each step of a long run would read all of it again.
    debug_assert!(
        execution.last_event_id() > 100
            || load(scope, due.execution).is_ok_and(|replayed| replayed.as_ref() == Some(&execution)),
        "an execution in memory must equal the replay of its history"
    );
    let context = execution.context();
    let arns = [context.state_machine_arn.clone(), context.execution_arn.clone()];
    let mut host = ExecutionHost::new(scope, due.execution, arns);
    execution.advance(due.stimulus, &mut host)?;
    host.write_history()?;
    carried_on.insert(due.execution, execution);
    Ok(())
}

/// Replays a running execution from its history; `None` when it has ended.
fn load(scope: &Scope<'_>, id: i64) -> Result<Option<Execution>, ApiError> {
    let Some((context, revision)) = context(scope, id)? else { return Ok(None) };
    let definition = scope.site.definitions.get(scope.db(), &revision)?;
    let mut execution = Execution::new(context, definition);
    history::for_each(scope.db(), id, |event| {
        execution.replay_event(event).map_err(|error| ApiError::internal(error.to_string()))
    })?;
    execution.end_replay(agenda::queue(scope.db(), id)?);
    Ok(Some(execution))
}

/// What a running execution knows of itself; `None` when it has ended.
fn context(scope: &Scope<'_>, execution: i64) -> Result<Option<(ExecutionContext, String)>, ApiError> {
    let found = scope
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
                region: scope.site.region.clone(),
                account: scope.site.account.clone(),
            };
            Ok((context, row.get(5)?))
        });
    Ok(found.optional()?)
}
