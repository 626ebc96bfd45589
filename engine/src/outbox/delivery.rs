//! The delivery loop: takes what the outbox holds to where it belongs, at least once.
//!
//! The loop sleeps until something is put into the outbox, a retry is due, or a delivery ends. Each target has a lane of
//! its own: however many of its deliveries hang, those to other targets go on ([`admit`]). Within a lane the order is
//! that in which deliveries came due; deliveries of one event to one target go one after the other. A delivery to a
//! state machine is one commit: the row goes and the execution begins, or neither.

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
        queue::{self, Row, Verdict},
        target_kind::TargetKind,
    },
    stepfunctions::{
        language::host::{Stimulus, TaskError},
        service::{start, token::without_tokens},
    },
};

/// Deliveries under way at once, beyond the one that every target may always have.
const MAX_IN_FLIGHT: usize = 256;
/// Deliveries under way at once to one target.
const MAX_PER_TARGET: usize = 32;
/// The pause after the store itself failed.
const PAUSE_AFTER_FAILURE: std::time::Duration = std::time::Duration::from_secs(1);

/// The deliveries under way to each target.
type Lanes = HashMap<String, HashSet<i64>>;

/// Which deliveries are under way, and word of each that ends.
#[derive(Default)]
struct Courier {
    lanes: Mutex<Lanes>,
    ended: Notify,
}

impl Courier {
    fn under_way(&self) -> Lanes {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn took(&self, rows: &[Row]) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            lanes.entry(row.target_arn.clone()).or_default().insert(row.id);
        }
    }

    fn done(&self, target: &str, id: i64) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get_mut(target) {
            lane.remove(&id);
            if lane.is_empty() {
                lanes.remove(target);
            }
        }
        drop(lanes);
        self.ended.notify_one();
    }
}

/// Runs until `stop`; deliveries under way then go on as tasks of `tasks`.
pub(crate) async fn run(cloud: Arc<Cloud>, tasks: TaskTracker, stop: CancellationToken) {
    let mut filled = cloud.store.signals().outbox.subscribe();
    let courier = Arc::new(Courier::default());
    loop {
        filled.borrow_and_update();
        let next = match take(&cloud, &courier, &tasks, &stop).await {
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
            () = courier.ended.notified() => {}
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

/// Starts what is due and may be; returns when the next delivery will be due.
async fn take(
    cloud: &Arc<Cloud>,
    courier: &Arc<Courier>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Option<Timestamp>, ApiError> {
    // Taken before the read: what ends in between is left out, not taken twice, and its end wakes the loop again.
    let under_way = courier.under_way();
    let now = cloud.context.clock.now();
    let (rows, next) = cloud.store.read(move |db| waiting(db, &under_way, now)).await?;
    courier.took(&rows);
    for group in by_event(rows) {
        let (cloud, courier, stop) = (Arc::clone(cloud), Arc::clone(courier), stop.clone());
        tasks.spawn(async move {
            for row in group {
                let (id, target) = (row.id, row.target_arn.clone());
                deliver(&cloud, row, &stop).await;
                courier.done(&target, id);
            }
        });
    }
    Ok(next)
}

/// The deliveries that may begin, and when the next one will be due. Where a lane is full that is not looked for: the
/// end of any of its deliveries wakes the loop.
fn waiting(db: &Connection, under_way: &Lanes, now: Timestamp) -> Result<(Vec<Row>, Option<Timestamp>), ApiError> {
    let total: usize = under_way.values().map(HashSet::len).sum();
    let (mut candidates, mut next) = (Vec::new(), None);
    for target in queue::targets(db)? {
        let lane = under_way.get(&target);
        if lane.is_some_and(|lane| lane.len() >= MAX_PER_TARGET || total >= MAX_IN_FLIGHT) {
            continue;
        }
        for row in queue::first(db, &target, MAX_PER_TARGET)? {
            if row.due > now {
                next = next.into_iter().chain([row.due]).min();
                break;
            }
            if !lane.is_some_and(|lane| lane.contains(&row.id)) {
                candidates.push(row);
            }
        }
    }
    Ok((admit(candidates, under_way), next))
}

/// Chooses those that begin now, whoever is due longest first. A target for which nothing is under way may always have
/// one, so that no number of others that hang can hold it up; there are as many targets as rules name.
fn admit(mut candidates: Vec<Row>, under_way: &Lanes) -> Vec<Row> {
    candidates.sort_by_key(|row| (row.due, row.id));
    let mut lanes: HashMap<String, usize> =
        under_way.iter().map(|(target, lane)| (target.clone(), lane.len())).collect();
    let mut total: usize = lanes.values().sum();
    candidates.retain(|row| {
        let lane = lanes.entry(row.target_arn.clone()).or_default();
        let free = *lane == 0 || (*lane < MAX_PER_TARGET && total < MAX_IN_FLIGHT);
        if free {
            *lane += 1;
            total += 1;
        }
        free
    });
    candidates
}

/// Rows of one event to one target together, in order. A call by a workflow belongs to no event and stands alone.
fn by_event(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
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
    /// False for what EventBridge does not try again either: a target that is not there, or that refuses.
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

async fn deliver(cloud: &Arc<Cloud>, row: Row, stop: &CancellationToken) {
    let (id, target) = (row.id, row.target_arn.clone());
    let outcome = match TargetKind::of(&row.target_arn) {
        Some(TargetKind::StateMachine) => start_execution(cloud, row).await,
        _ => invoke_function(cloud, row).await,
    };
    let Err(Failure { reason, retriable }) = outcome else { return };
    // A function may say in its error what it was called with.
    let reason = without_tokens(&reason);
    let noted = cloud.transact({
        let reason = reason.clone();
        move |tx| queue::failed(tx.job, &*tx.context.rng, id, &reason, retriable)
    });
    match noted.await {
        Ok(Verdict::Again(at)) => tracing::warn!(target, reason, again_at = %at, "a delivery failed"),
        Ok(Verdict::GivenUp { attempts }) => {
            tracing::error!(target, reason, attempts, "a delivery was given up; it is a dead letter now");
        }
        Ok(Verdict::Gone) => {}
        Err(error) => {
            tracing::error!(target, %error, "a failed delivery could not be noted; it is tried again");
            // Still under way meanwhile, or a full disk would have the function called without pause.
            tokio::select! {
                () = stop.cancelled() => {}
                () = cloud.context.clock.sleep_until(cloud.context.clock.now() + PAUSE_AFTER_FAILURE) => {}
            }
        }
    }
}

/// Starts the execution in the commit that takes the row out, so that it is started exactly once.
async fn start_execution(cloud: &Cloud, row: Row) -> Result<(), Failure> {
    let begun = cloud.transact(move |tx| {
        if !queue::remove(tx.db(), row.id)? {
            return Ok(());
        }
        let name = format!("{}_{}", row.event_id, uuid(&*tx.context.rng));
        let request = json!({ "stateMachineArn": row.target_arn, "name": name, "input": row.payload });
        start::start(tx, &request).map(|_| ())
    });
    Ok(begun.await?)
}

async fn invoke_function(cloud: &Cloud, row: Row) -> Result<(), Failure> {
    let payload: Value = serde_json::from_str(&row.payload).unwrap_or(Value::String(row.payload));
    let answer = call(cloud, &row.target_arn, payload).await;
    let (id, caller, bare) = (row.id, row.caller, row.bare_answer);
    let Some(caller) = caller else {
        answer?;
        cloud.transact(move |tx| queue::remove(tx.db(), id)).await?;
        return Ok(());
    };
    // A workflow's call is not retried here: its own Retry decides.
    let answer = answer.map(|answer| if bare { answer } else { invocation(answer) }).map_err(|e| task_error(&e));
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

/// What `lambda:invoke` puts around the answer of a function.
fn invocation(answer: Value) -> Value {
    json!({ "ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200 })
}

fn task_error(error: &FunctionError) -> TaskError {
    TaskError { error: error.error_type.clone(), cause: error.cause() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, event: &str, target: &str, due: i64) -> Row {
        Row {
            id,
            due: Timestamp(due),
            event_id: event.to_owned(),
            target_arn: target.to_owned(),
            payload: String::new(),
            caller: None,
            bare_answer: false,
        }
    }

    fn ids(rows: &[Row]) -> Vec<i64> {
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
        let groups: Vec<_> = by_event(rows).iter().map(|group| ids(group)).collect();
        assert_eq!(groups, [vec![1, 3], vec![2], vec![4], vec![5], vec![6]]);
    }

    #[test]
    fn whoever_is_due_longest_begins_first() {
        let rows = vec![row(1, "", "f", 30), row(2, "", "g", 20), row(3, "", "f", 20), row(4, "", "h", 10)];
        assert_eq!(ids(&admit(rows, &Lanes::new())), [4, 2, 3, 1]);
    }

    #[test]
    fn a_target_has_its_share_and_all_together_a_bound_and_an_idle_target_always_a_place() {
        let many =
            |target: &str, from: i64| (from..from + 100).map(move |id| row(id, "", target, 0)).collect::<Vec<_>>();
        assert_eq!(admit(many("f", 0), &Lanes::new()).len(), MAX_PER_TARGET);

        // As many targets as fill the whole bound.
        let full: Lanes = (0..MAX_IN_FLIGHT / MAX_PER_TARGET)
            .map(|target| (target.to_string(), (0..MAX_PER_TARGET as i64).collect()))
            .collect();
        let mut candidates = many("f", 0);
        candidates.extend(many("g", 100));
        candidates.extend(many("0", 200));
        let begun = admit(candidates, &full);
        assert_eq!(begun.iter().map(|row| row.target_arn.as_str()).collect::<Vec<_>>(), ["f", "g"]);
    }
}
