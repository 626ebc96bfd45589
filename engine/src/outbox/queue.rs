//! The tables of pending deliveries and of dead letters.

use rusqlite::{Connection, OptionalExtension};

use crate::{
    clock::{Rng, Timestamp},
    error::ApiError,
    outbox::retry_policy::RetryPolicy,
    stepfunctions::service::token::redact_tokens,
    store::JobContext,
};

/// Backoff after the first failed attempt. It doubles with each further one, up to [`MAX_BACKOFF_MS`]. So the default
/// of 185 retries takes about a day, as in EventBridge.
const MIN_BACKOFF_MS: i64 = 1_000;
const MAX_BACKOFF_MS: i64 = 600_000;

/// A delivery that failed and is not retried any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id; later dead letters have greater ones.
    pub id: i64,
    /// The id of the event.
    pub event_id: String,
    /// The rule that matched the event; empty for dead letters of early releases.
    pub rule: String,
    /// The `detail-type` of the event; empty for dead letters of early releases.
    pub detail_type: String,
    /// The ARN of the target.
    pub target_arn: String,
    /// The undelivered payload. It may contain task tokens.
    pub payload: String,
    /// The number of attempts.
    pub attempts: i64,
    /// The error of the last attempt; task tokens in it are redacted.
    pub reason: String,
    /// When the last attempt failed.
    pub given_up: Timestamp,
}

/// A task of a workflow that waits for the answer of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The row of the execution.
    pub(crate) execution: i64,
    /// The id of its `TaskScheduled` event.
    pub(crate) scheduled_event_id: i64,
}

/// A new delivery.
pub(crate) struct Delivery<'a> {
    /// Empty for a call by a workflow, which belongs to no event.
    pub(crate) event_id: &'a str,
    /// Empty for a call by a workflow.
    pub(crate) rule: &'a str,
    /// Empty for a call by a workflow.
    pub(crate) detail_type: &'a str,
    pub(crate) target_arn: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) caller: Option<Caller>,
    /// Whether the caller wants the answer itself, without the response of `lambda:invoke` around it.
    pub(crate) bare_answer: bool,
}

/// A delivery in the outbox.
#[derive(Debug, Clone)]
pub(super) struct StoredDelivery {
    pub(super) id: i64,
    /// When it came due.
    pub(super) due: Timestamp,
    pub(super) event_id: String,
    pub(super) target_arn: String,
    pub(super) payload: String,
    pub(super) caller: Option<Caller>,
    pub(super) bare_answer: bool,
}

/// Adds a delivery to the outbox. The delivery loop is woken after the commit.
pub(crate) fn enqueue(work: &JobContext<'_>, delivery: &Delivery<'_>, policy: RetryPolicy) -> Result<(), ApiError> {
    let now = work.now.millis();
    work.db
        .prepare_cached(
            "INSERT INTO outbox (event_id, rule, detail_type, target_arn, payload, caller_execution, caller_task,
                 bare_answer, max_attempts, give_up, next_attempt)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute((
            delivery.event_id,
            delivery.rule,
            delivery.detail_type,
            delivery.target_arn,
            delivery.payload,
            delivery.caller.map(|caller| caller.execution),
            delivery.caller.map(|caller| caller.scheduled_event_id),
            delivery.bare_answer,
            policy.max_attempts,
            now.saturating_add(policy.max_age_ms),
            now,
        ))?;
    work.outbox_filled();
    Ok(())
}

/// All targets with deliveries in the outbox. Skips from one target to the next in the index, so the cost depends on
/// the number of targets, not of deliveries.
pub(super) fn targets(db: &Connection) -> Result<Vec<String>, ApiError> {
    let mut query = db.prepare_cached(
        "WITH RECURSIVE target (arn) AS (
             SELECT min(target_arn) FROM outbox
             UNION ALL
             SELECT (SELECT min(target_arn) FROM outbox WHERE target_arn > arn) FROM target WHERE arn IS NOT NULL
         ) SELECT arn FROM target WHERE arn IS NOT NULL",
    )?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The first `limit` deliveries to `target`, ordered by due time, including those that are not due yet.
pub(super) fn next_for_target(db: &Connection, target: &str, limit: usize) -> Result<Vec<StoredDelivery>, ApiError> {
    let mut query = db.prepare_cached(
        "SELECT id, next_attempt, event_id, target_arn, payload, caller_execution, caller_task, bare_answer
         FROM outbox WHERE target_arn = ?1 ORDER BY next_attempt, id LIMIT ?2",
    )?;
    let rows = query.query_map((target, i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
        let caller = match (row.get(5)?, row.get(6)?) {
            (Some(execution), Some(scheduled_event_id)) => Some(Caller { execution, scheduled_event_id }),
            _ => None,
        };
        Ok(StoredDelivery {
            id: row.get(0)?,
            due: Timestamp(row.get(1)?),
            event_id: row.get(2)?,
            target_arn: row.get(3)?,
            payload: row.get(4)?,
            caller,
            bare_answer: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the next delivery that is not due yet comes due.
pub(crate) fn next_attempt(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
    let mut query = db.prepare_cached("SELECT min(next_attempt) FROM outbox WHERE next_attempt > ?1")?;
    Ok(query.query_row([now.millis()], |row| row.get::<_, Option<i64>>(0))?.map(Timestamp))
}

/// Removes a delivery; false if it was removed before.
pub(super) fn remove(db: &Connection, id: i64) -> Result<bool, ApiError> {
    Ok(db.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([id])? == 1)
}

/// The result of a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureOutcome {
    /// The delivery is retried at this time.
    Retry(Timestamp),
    /// The delivery is a dead letter now, after this many attempts.
    DeadLetter { attempts: i64 },
    /// The delivery is no longer in the outbox.
    Gone,
}

/// Records a failed attempt: schedules the next one, or moves the delivery to the dead letters, at once if it is not
/// `retriable`.
pub(super) fn record_failure(
    work: &JobContext<'_>,
    rng: &dyn Rng,
    id: i64,
    reason: &str,
    retriable: bool,
) -> Result<FailureOutcome, ApiError> {
    let row = work
        .db
        .prepare_cached("SELECT attempts + 1, max_attempts, give_up FROM outbox WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))
        .optional()?;
    let Some((attempts, max_attempts, give_up)) = row else { return Ok(FailureOutcome::Gone) };
    let next = work.now.millis().saturating_add(backoff(attempts, rng));
    if !retriable || attempts >= max_attempts || next > give_up {
        work.db
            .prepare_cached(
                "INSERT INTO dead_letters (event_id, rule, detail_type, target_arn, payload, attempts, reason, given_up)
                 SELECT event_id, rule, detail_type, target_arn, payload, ?2, ?3, ?4 FROM outbox WHERE id = ?1",
            )?
            .execute((id, attempts, reason, work.now.millis()))?;
        remove(work.db, id)?;
        return Ok(FailureOutcome::DeadLetter { attempts });
    }
    work.db
        .prepare_cached("UPDATE outbox SET attempts = ?2, next_attempt = ?3 WHERE id = ?1")?
        .execute((id, attempts, next))?;
    work.outbox_filled();
    Ok(FailureOutcome::Retry(Timestamp(next)))
}

/// Exponential backoff; the upper half is random, so that deliveries that failed together are not retried together.
fn backoff(attempts: i64, rng: &dyn Rng) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(30);
    let span = MIN_BACKOFF_MS.saturating_mul(1 << doublings).min(MAX_BACKOFF_MS);
    let mut random = [0u8; 4];
    rng.fill(&mut random);
    span / 2 + i64::from(u32::from_le_bytes(random)) % (span / 2 + 1)
}

/// The state of a delivery in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingDelivery {
    /// The number of attempts so far.
    pub attempts: i64,
    /// When it is tried next; in the past while it is in flight.
    pub next_attempt: Timestamp,
}

/// The delivery with this id; `None` if it is no longer in the outbox.
pub(crate) fn find(db: &Connection, id: i64) -> Result<Option<PendingDelivery>, ApiError> {
    let mut query = db.prepare_cached("SELECT attempts, next_attempt FROM outbox WHERE id = ?1")?;
    let found = query
        .query_row([id], |row| Ok(PendingDelivery { attempts: row.get(0)?, next_attempt: Timestamp(row.get(1)?) }));
    Ok(found.optional()?)
}

/// Moves a dead letter back to the outbox; returns the id of the delivery, or `None` if there is no dead letter of that
/// id.
pub(crate) fn replay(work: &JobContext<'_>, id: i64) -> Result<Option<i64>, ApiError> {
    let (now, policy) = (work.now.millis(), RetryPolicy::DEFAULT);
    let moved = work
        .db
        .prepare_cached(
            "INSERT INTO outbox (event_id, rule, detail_type, target_arn, payload, bare_answer, max_attempts, give_up,
                 next_attempt)
             SELECT event_id, rule, detail_type, target_arn, payload, 0, ?2, ?3, ?4 FROM dead_letters WHERE id = ?1",
        )?
        .execute((id, policy.max_attempts, now.saturating_add(policy.max_age_ms), now))?;
    let delivery = work.db.last_insert_rowid();
    work.db.prepare_cached("DELETE FROM dead_letters WHERE id = ?1")?.execute([id])?;
    work.outbox_filled();
    Ok((moved == 1).then_some(delivery))
}

/// All dead letters, oldest first.
pub(crate) fn dead_letters(db: &Connection) -> Result<Vec<DeadLetter>, ApiError> {
    let mut query = db.prepare_cached(
        "SELECT id, event_id, rule, detail_type, target_arn, payload, attempts, reason, given_up
         FROM dead_letters ORDER BY id",
    )?;
    let rows = query.query_map([], |row| {
        Ok(DeadLetter {
            id: row.get(0)?,
            event_id: row.get(1)?,
            rule: row.get(2)?,
            detail_type: row.get(3)?,
            target_arn: row.get(4)?,
            payload: row.get(5)?,
            attempts: row.get(6)?,
            // Early releases stored the reason unredacted.
            reason: redact_tokens(&row.get::<_, String>(7)?),
            given_up: Timestamp(row.get(8)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRng;

    #[test]
    fn pauses_double_up_to_ten_minutes() {
        let rng = SeededRng::new(1);
        for (attempts, longest) in [(1, 1_000), (2, 2_000), (5, 16_000), (11, 600_000), (185, 600_000)] {
            let backoff = backoff(attempts, &rng);
            assert!((longest / 2..=longest).contains(&backoff), "attempt {attempts}: {backoff} ms");
        }
    }
}
