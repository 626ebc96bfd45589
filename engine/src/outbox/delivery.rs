//! The delivery loop: delivers what the outbox holds, at least once.
//!
//! The loop sleeps until a delivery is added, a retry is due, or a delivery finishes. Each target has its own queue: if
//! deliveries to one target hang, those to other targets continue ([`admit`]). Deliveries to a target start in the order
//! in which they came due; deliveries of one event to one target run one after the other. A delivery to a state machine
//! is one commit that removes the row and starts the execution.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock::{Timestamp, uuid},
    cloud::Cloud,
    error::ApiError,
    lambda::{error::FunctionError, invocation::call},
    outbox::{
        queue::{self, FailureOutcome, StoredDelivery},
        target_kind::TargetKind,
    },
    stepfunctions::{
        language::host::{Stimulus, TaskError},
        service::{start, token::redact_tokens},
    },
};

/// Maximum number of deliveries in flight, beyond the one that every target may always have.
const MAX_IN_FLIGHT: usize = 256;
/// Maximum number of deliveries in flight to one target.
const MAX_PER_TARGET: usize = 32;
/// Pause after the store failed.
const PAUSE_AFTER_FAILURE: std::time::Duration = std::time::Duration::from_secs(1);

/// The ids of the deliveries in flight to each target.
type DeliveriesByTarget = HashMap<String, HashSet<i64>>;

/// The deliveries in flight, and a notification whenever one finishes.
#[derive(Default)]
struct InFlight {
    by_target: Mutex<DeliveriesByTarget>,
    finished: Notify,
}

impl InFlight {
    fn snapshot(&self) -> DeliveriesByTarget {
        self.by_target.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, rows: &[StoredDelivery]) {
        let mut by_target = self.by_target.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            by_target.entry(row.target_arn.clone()).or_default().insert(row.id);
        }
    }

    fn remove(&self, target: &str, id: i64) {
        let mut by_target = self.by_target.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(active) = by_target.get_mut(target) {
            active.remove(&id);
            if active.is_empty() {
                by_target.remove(target);
            }
        }
        drop(by_target);
        self.finished.notify_one();
    }
}

/// Runs until `stop`. Deliveries in flight then continue as tasks of `tasks`.
pub(crate) async fn run(cloud: Arc<Cloud>, tasks: TaskTracker, stop: CancellationToken) {
    let mut filled = cloud.store.signals().outbox.subscribe();
    let in_flight = Arc::new(InFlight::default());
    loop {
        filled.borrow_and_update();
        let next = match start_due(&cloud, &in_flight, &tasks, &stop).await {
            Ok(next) => next,
            Err(error) if stop.is_cancelled() => {
                tracing::debug!(%error, "the outbox was not read, because the engine stops");
                None
            }
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read");
                Some(cloud.context.clock.now() + PAUSE_AFTER_FAILURE)
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            _ = filled.changed() => {}
            () = in_flight.finished.notified() => {}
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

/// Starts the due deliveries that [`admit`] admits; returns when the next delivery will be due.
async fn start_due(
    cloud: &Arc<Cloud>,
    in_flight: &Arc<InFlight>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Option<Timestamp>, ApiError> {
    // Taken before the read: a delivery that finishes in between is skipped, not started twice, and its end wakes the
    // loop again.
    let snapshot = in_flight.snapshot();
    let now = cloud.context.clock.now();
    let (rows, next) = cloud.store.read(move |db| find_due(db, &snapshot, now)).await?;
    in_flight.add(&rows);
    for group in group_by_event(rows) {
        let (cloud, in_flight, stop) = (Arc::clone(cloud), Arc::clone(in_flight), stop.clone());
        tasks.spawn(async move {
            for row in group {
                let (id, target) = (row.id, row.target_arn.clone());
                deliver(&cloud, row, &stop).await;
                in_flight.remove(&target, id);
            }
        });
    }
    Ok(next)
}

/// The deliveries that may start now, and when the next one will be due. The latter ignores targets that are at their
/// limit: the end of any of their deliveries wakes the loop.
fn find_due(
    db: &Connection,
    in_flight: &DeliveriesByTarget,
    now: Timestamp,
) -> Result<(Vec<StoredDelivery>, Option<Timestamp>), ApiError> {
    let total: usize = in_flight.values().map(HashSet::len).sum();
    let (mut candidates, mut next) = (Vec::new(), None);
    for target in queue::targets(db)? {
        let active = in_flight.get(&target);
        if active.is_some_and(|active| active.len() >= MAX_PER_TARGET || total >= MAX_IN_FLIGHT) {
            continue;
        }
        for row in queue::next_for_target(db, &target, MAX_PER_TARGET)? {
            if row.due > now {
                next = next.into_iter().chain([row.due]).min();
                break;
            }
            if !active.is_some_and(|active| active.contains(&row.id)) {
                candidates.push(row);
            }
        }
    }
    Ok((admit(candidates, in_flight), next))
}

/// Admits deliveries, oldest due first. A target without a delivery in flight is always admitted one, so that hanging
/// targets cannot block it; the number of targets is limited by the rules.
fn admit(mut candidates: Vec<StoredDelivery>, in_flight: &DeliveriesByTarget) -> Vec<StoredDelivery> {
    candidates.sort_by_key(|row| (row.due, row.id));
    let mut by_target: HashMap<String, usize> =
        in_flight.iter().map(|(target, active)| (target.clone(), active.len())).collect();
    let mut total: usize = by_target.values().sum();
    candidates.retain(|row| {
        let active = by_target.entry(row.target_arn.clone()).or_default();
        let free = *active == 0 || (*active < MAX_PER_TARGET && total < MAX_IN_FLIGHT);
        if free {
            *active += 1;
            total += 1;
        }
        free
    });
    candidates
}

/// Groups deliveries of one event to one target, in order. A call by a workflow belongs to no event and is a group of
/// its own.
fn group_by_event(rows: Vec<StoredDelivery>) -> Vec<Vec<StoredDelivery>> {
    let mut groups: Vec<Vec<StoredDelivery>> = Vec::new();
    let mut known: HashMap<(String, String), usize> = HashMap::new();
    for row in rows {
        let key = (row.event_id.clone(), row.target_arn.clone());
        let place = if row.event_id.is_empty() { None } else { known.get(&key).copied() };
        match place.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.push(row),
            None => {
                known.insert(key, groups.len());
                groups.push(vec![row]);
            }
        }
    }
    groups
}

/// Why a delivery failed.
struct Failure {
    reason: String,
    /// False for failures that EventBridge does not retry either: the target does not exist, or refuses.
    retriable: bool,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self { reason: error.to_string(), retriable: error.status >= 500 }
    }
}

impl From<FunctionError> for Failure {
    fn from(error: FunctionError) -> Self {
        Self { reason: error.to_string(), retriable: error.is_retriable() }
    }
}

async fn deliver(cloud: &Arc<Cloud>, row: StoredDelivery, stop: &CancellationToken) {
    let (id, target) = (row.id, row.target_arn.clone());
    let outcome = match TargetKind::of(&row.target_arn) {
        Some(TargetKind::StateMachine) => start_execution(cloud, row).await,
        _ => invoke_function(cloud, row).await,
    };
    let Err(Failure { reason, retriable }) = outcome else { return };
    // The error of a function may contain its payload.
    let reason = redact_tokens(&reason);
    let recorded = cloud.transact({
        let reason = reason.clone();
        move |tx| queue::record_failure(tx.job, &*tx.context.rng, id, &reason, retriable)
    });
    match recorded.await {
        Ok(FailureOutcome::Retry(at)) => tracing::warn!(target, reason, again_at = %at, "a delivery failed"),
        Ok(FailureOutcome::DeadLetter { attempts }) => {
            tracing::error!(target, reason, attempts, "a delivery was given up; it is a dead letter now");
        }
        Ok(FailureOutcome::Gone) => {}
        Err(error) => {
            tracing::error!(target, %error, "a failed delivery could not be recorded; it is tried again");
            // Still in flight during the pause; otherwise a full disk would cause the function to be called in a busy
            // loop.
            tokio::select! {
                () = stop.cancelled() => {}
                () = cloud.context.clock.sleep_until(cloud.context.clock.now() + PAUSE_AFTER_FAILURE) => {}
            }
        }
    }
}

/// Starts the execution in the commit that removes the row, so that it is started exactly once.
async fn start_execution(cloud: &Cloud, row: StoredDelivery) -> Result<(), Failure> {
    let started = cloud.transact(move |tx| {
        if !queue::remove(tx.db(), row.id)? {
            return Ok(());
        }
        let name = format!("{}_{}", row.event_id, uuid(&*tx.context.rng));
        let request = json!({ "stateMachineArn": row.target_arn, "name": name, "input": row.payload });
        start::start(tx, &request).map(|_| ())
    });
    Ok(started.await?)
}

async fn invoke_function(cloud: &Cloud, row: StoredDelivery) -> Result<(), Failure> {
    let payload: Value = serde_json::from_str(&row.payload).unwrap_or(Value::String(row.payload));
    let answer = call(cloud, &row.target_arn, payload).await;
    let (id, caller, bare) = (row.id, row.caller, row.bare_answer);
    let Some(caller) = caller else {
        answer?;
        cloud.transact(move |tx| queue::remove(tx.db(), id)).await?;
        return Ok(());
    };
    // A call by a workflow is not retried here; the state's own Retry decides.
    let answer = answer.map(|answer| if bare { answer } else { invoke_response(answer) }).map_err(|e| task_error(&e));
    let answered = cloud.transact(move |tx| {
        if queue::remove(tx.db(), id)? {
            let scheduled_event_id = caller.scheduled_event_id;
            let stimulus = Stimulus::CallAnswered { scheduled_event_id, answer: answer.clone() };
            tx.push_step(caller.execution, stimulus);
        }
        Ok(())
    });
    Ok(answered.await?)
}

/// The response of `lambda:invoke` around the answer of a function.
fn invoke_response(answer: Value) -> Value {
    json!({ "ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200 })
}

fn task_error(error: &FunctionError) -> TaskError {
    TaskError { error: error.error_type.clone(), cause: error.cause() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, event: &str, target: &str, due: i64) -> StoredDelivery {
        StoredDelivery {
            id,
            due: Timestamp(due),
            event_id: event.to_owned(),
            target_arn: target.to_owned(),
            payload: String::new(),
            caller: None,
            bare_answer: false,
        }
    }

    fn ids(rows: &[StoredDelivery]) -> Vec<i64> {
        rows.iter().map(|row| row.id).collect()
    }

    #[test]
    fn deliveries_of_one_event_to_one_target_stay_together_and_calls_of_workflows_alone() {
        let row = |id, event, target| row(id, event, target, 0);
        let rows = vec![
            row(1, "a", "f"),
            row(2, "b", "f"),
            row(3, "a", "f"),
            row(4, "", "f"),
            row(5, "", "f"),
            row(6, "a", "g"),
        ];
        let groups: Vec<_> = group_by_event(rows).iter().map(|group| ids(group)).collect();
        assert_eq!(groups, [vec![1, 3], vec![2], vec![4], vec![5], vec![6]]);
    }

    #[test]
    fn the_oldest_due_delivery_starts_first() {
        let rows = vec![row(1, "", "f", 30), row(2, "", "g", 20), row(3, "", "f", 20), row(4, "", "h", 10)];
        assert_eq!(ids(&admit(rows, &DeliveriesByTarget::new())), [4, 2, 3, 1]);
    }

    #[test]
    fn deliveries_have_a_limit_per_target_and_in_total_but_idle_targets_are_always_admitted() {
        let many =
            |target: &str, from: i64| (from..from + 100).map(move |id| row(id, "", target, 0)).collect::<Vec<_>>();
        assert_eq!(admit(many("f", 0), &DeliveriesByTarget::new()).len(), MAX_PER_TARGET);

        // As many targets as fill the limit.
        let full: DeliveriesByTarget = (0..MAX_IN_FLIGHT / MAX_PER_TARGET)
            .map(|target| (target.to_string(), (0..MAX_PER_TARGET as i64).collect()))
            .collect();
        let mut candidates = many("f", 0);
        candidates.extend(many("g", 100));
        candidates.extend(many("0", 200));
        let started = admit(candidates, &full);
        assert_eq!(started.iter().map(|row| row.target_arn.as_str()).collect::<Vec<_>>(), ["f", "g"]);
    }
}
