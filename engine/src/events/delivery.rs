//! The delivery loop: takes what the outbox holds to where it belongs, at least once.
//!
//! The loop sleeps until something is put into the outbox, a retry is due, or a delivery ends. Deliveries of one event
//! to functions go one after the other in the order in which they were written; different events do not wait for each
//! other. A delivery to a state machine is one commit: the row goes and the execution begins, or neither.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock::{Timestamp, uuid},
    cloud::Cloud,
    error::ApiError,
    events::{
        outbox::{self, Row, Verdict},
        targets::TargetKind,
    },
    executions,
    functions::{self, FunctionError},
    states::host::{Stimulus, TaskError},
};

/// Deliveries under way at once.
const MAX_IN_FLIGHT: usize = 64;
/// The pause after the store itself failed.
const PAUSE_AFTER_FAILURE: std::time::Duration = std::time::Duration::from_secs(1);

/// Which deliveries are under way, and word of each that ends.
#[derive(Default)]
struct Courier {
    in_flight: Mutex<HashSet<i64>>,
    ended: Notify,
}

impl Courier {
    fn in_flight(&self) -> HashSet<i64> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn took(&self, rows: &[Row]) {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).extend(rows.iter().map(|row| row.id));
    }

    fn done(&self, id: i64) {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
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
                Some(cloud.site.clock.now() + PAUSE_AFTER_FAILURE)
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
        Some(deadline) => cloud.site.clock.sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Starts what is due and not under way; returns when the next delivery will be due.
async fn take(
    cloud: &Arc<Cloud>,
    courier: &Arc<Courier>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Option<Timestamp>, ApiError> {
    // Taken before the read: what ends in between is left out, not taken twice, and its end wakes the loop again.
    let busy = courier.in_flight();
    let now = cloud.site.clock.now();
    let free = MAX_IN_FLIGHT.saturating_sub(busy.len());
    if free == 0 {
        return Ok(None);
    }
    let reach = MAX_IN_FLIGHT + busy.len();
    let (rows, next) =
        cloud.store.read(move |db| Ok((outbox::due(db, now, reach)?, outbox::next_attempt(db, now)?))).await?;
    let rows: Vec<Row> = rows.into_iter().filter(|row| !busy.contains(&row.id)).take(free).collect();
    courier.took(&rows);
    for group in by_event(rows) {
        let (cloud, courier, stop) = (Arc::clone(cloud), Arc::clone(courier), stop.clone());
        tasks.spawn(async move {
            for row in group {
                let id = row.id;
                deliver(&cloud, row, &stop).await;
                courier.done(id);
            }
        });
    }
    Ok(next)
}

/// Rows of one event together, in order. A call by a workflow belongs to no event and stands alone.
fn by_event(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
    let mut of_event: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let place = if row.event_id.is_empty() { None } else { of_event.get(&row.event_id).copied() };
        match place.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.push(row),
            None => {
                of_event.insert(row.event_id.clone(), groups.len());
                groups.push(vec![row]);
            }
        }
    }
    groups
}

async fn deliver(cloud: &Arc<Cloud>, row: Row, stop: &CancellationToken) {
    let (id, target) = (row.id, row.target_arn.clone());
    let outcome = match TargetKind::of(&row.target_arn) {
        Some(TargetKind::StateMachine) => start_execution(cloud, row).await,
        _ => invoke_function(cloud, row).await,
    };
    let Err(reason) = outcome else { return };
    let noted = cloud.transact({
        let reason = reason.clone();
        move |scope| outbox::failed(scope.work, &*scope.site.rng, id, &reason)
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
                () = cloud.site.clock.sleep_until(cloud.site.clock.now() + PAUSE_AFTER_FAILURE) => {}
            }
        }
    }
}

/// Starts the execution in the commit that takes the row out, so that it is started exactly once.
async fn start_execution(cloud: &Cloud, row: Row) -> Result<(), String> {
    let begun = cloud.transact(move |scope| {
        if !outbox::remove(scope.db(), row.id)? {
            return Ok(());
        }
        let name = format!("{}_{}", row.event_id, uuid(&*scope.site.rng));
        let request = json!({ "stateMachineArn": row.target_arn, "name": name, "input": row.payload });
        executions::start(scope, &request).map(|_| ())
    });
    begun.await.map_err(|error| error.to_string())
}

async fn invoke_function(cloud: &Cloud, row: Row) -> Result<(), String> {
    let payload: Value = serde_json::from_str(&row.payload).unwrap_or(Value::String(row.payload));
    let answer = functions::call(cloud, &row.target_arn, payload).await;
    let (id, caller, bare) = (row.id, row.caller, row.bare_answer);
    let Some(caller) = caller else {
        answer.map_err(|error| error.to_string())?;
        return cloud.transact(move |scope| outbox::remove(scope.db(), id)).await.map(drop).map_err(|e| e.to_string());
    };
    // A workflow's call is not retried here: its own Retry decides.
    let answered = cloud.transact(move |scope| {
        if outbox::remove(scope.db(), id)? {
            let answer =
                answer.map(|answer| if bare { answer } else { invocation(answer) }).map_err(|e| task_error(&e));
            let stimulus = Stimulus::CallAnswered { scheduled_event_id: caller.scheduled_event_id, answer };
            executions::call_answered(scope, caller.execution, stimulus);
        }
        Ok(())
    });
    answered.await.map_err(|error| error.to_string())
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

    fn row(id: i64, event: &str) -> Row {
        Row {
            id,
            event_id: event.to_owned(),
            target_arn: String::new(),
            payload: String::new(),
            caller: None,
            bare_answer: false,
        }
    }

    #[test]
    fn deliveries_of_one_event_stay_together_and_calls_of_workflows_alone() {
        let rows = vec![row(1, "a"), row(2, "b"), row(3, "a"), row(4, ""), row(5, "")];
        let ids: Vec<Vec<i64>> = by_event(rows).iter().map(|group| group.iter().map(|row| row.id).collect()).collect();
        assert_eq!(ids, [vec![1, 3], vec![2], vec![4], vec![5]]);
    }
}
