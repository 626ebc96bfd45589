//! The outbox: what has to be delivered, until it is; and the dead letters, when it cannot be.

use rusqlite::{Connection, OptionalExtension};

use crate::{
    clock::{Rng, Timestamp},
    error::ApiError,
    outbox::retry_policy::RetryPolicy,
    stepfunctions::service::token::without_tokens,
    store::JobContext,
};

/// The first pause after a failed delivery; each further one is twice as long, up to [`LONGEST_PAUSE_MS`]. With these
/// the default of 185 retries takes about a day, as EventBridge's does.
const FIRST_PAUSE_MS: i64 = 1_000;
const LONGEST_PAUSE_MS: i64 = 600_000;

/// Something that could not be delivered however often it was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its number; it grows with time.
    pub id: i64,
    /// Id of the event.
    pub event_id: String,
    /// The rule that matched the event; empty when an earlier release gave it up.
    pub rule: String,
    /// The `detail-type` of the event; empty when an earlier release gave it up.
    pub detail_type: String,
    /// Where it should have gone.
    pub target_arn: String,
    /// What should have been delivered. It may hold task tokens.
    pub payload: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong the last time, without the task tokens that it may have named.
    pub reason: String,
    /// When it was given up.
    pub given_up: Timestamp,
}

/// A task of a workflow that waits for the answer of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The row of the execution.
    pub(crate) execution: i64,
    /// Id of its `TaskScheduled` event.
    pub(crate) scheduled_event_id: i64,
}

/// A delivery that is to be written.
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
    /// Whether the caller wants the answer alone, without what `lambda:invoke` puts around it.
    pub(crate) bare_answer: bool,
}

/// A delivery that was read.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: i64,
    /// Since when it is due.
    pub(super) due: Timestamp,
    pub(super) event_id: String,
    pub(super) target_arn: String,
    pub(super) payload: String,
    pub(super) caller: Option<Caller>,
    pub(super) bare_answer: bool,
}

/// Puts a delivery into the outbox; the delivery loop is woken after the commit.
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

/// Every target for which something is in the outbox. Jumps from one to the next in the index, so that it costs as many
/// steps as there are targets, however much waits for each.
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

/// The first `limit` deliveries to `target` in the order in which they are due, whether that time has come or not.
pub(super) fn first(db: &Connection, target: &str, limit: usize) -> Result<Vec<Row>, ApiError> {
    let mut query = db.prepare_cached(
        "SELECT id, next_attempt, event_id, target_arn, payload, caller_execution, caller_task, bare_answer
         FROM outbox WHERE target_arn = ?1 ORDER BY next_attempt, id LIMIT ?2",
    )?;
    let rows = query.query_map((target, i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
        let caller = match (row.get(5)?, row.get(6)?) {
            (Some(execution), Some(scheduled_event_id)) => Some(Caller { execution, scheduled_event_id }),
            _ => None,
        };
        Ok(Row {
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

/// When the next delivery that is not yet due will be.
pub(crate) fn next_attempt(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
    let mut query = db.prepare_cached("SELECT min(next_attempt) FROM outbox WHERE next_attempt > ?1")?;
    Ok(query.query_row([now.millis()], |row| row.get::<_, Option<i64>>(0))?.map(Timestamp))
}

/// Takes a delivery out; false when somebody else already did.
pub(super) fn remove(db: &Connection, id: i64) -> Result<bool, ApiError> {
    Ok(db.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([id])? == 1)
}

/// What became of a delivery that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is tried again at this time.
    Again(Timestamp),
    /// It is a dead letter now, after this many attempts.
    GivenUp { attempts: i64 },
    /// It is not in the outbox any more.
    Gone,
}

/// Notes a failed attempt: the next one is later, or there is none. One that is not `retriable` is given up at once.
pub(super) fn failed(
    work: &JobContext<'_>,
    rng: &dyn Rng,
    id: i64,
    reason: &str,
    retriable: bool,
) -> Result<Verdict, ApiError> {
    let row = work
        .db
        .prepare_cached("SELECT attempts + 1, max_attempts, give_up FROM outbox WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))
        .optional()?;
    let Some((attempts, max_attempts, give_up)) = row else { return Ok(Verdict::Gone) };
    let next = work.now.millis().saturating_add(pause(attempts, rng));
    if !retriable || attempts >= max_attempts || next > give_up {
        work.db
            .prepare_cached(
                "INSERT INTO dead_letters (event_id, rule, detail_type, target_arn, payload, attempts, reason, given_up)
                 SELECT event_id, rule, detail_type, target_arn, payload, ?2, ?3, ?4 FROM outbox WHERE id = ?1",
            )?
            .execute((id, attempts, reason, work.now.millis()))?;
        remove(work.db, id)?;
        return Ok(Verdict::GivenUp { attempts });
    }
    work.db
        .prepare_cached("UPDATE outbox SET attempts = ?2, next_attempt = ?3 WHERE id = ?1")?
        .execute((id, attempts, next))?;
    work.outbox_filled();
    Ok(Verdict::Again(Timestamp(next)))
}

/// Exponential, with the upper half of the span drawn at random, so that what failed together is not retried together.
fn pause(attempts: i64, rng: &dyn Rng) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(30);
    let span = FIRST_PAUSE_MS.saturating_mul(1 << doublings).min(LONGEST_PAUSE_MS);
    let mut random = [0u8; 4];
    rng.fill(&mut random);
    span / 2 + i64::from(u32::from_le_bytes(random)) % (span / 2 + 1)
}

/// A delivery that is in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; in the past while it is under way.
    pub next_attempt: Timestamp,
}

/// The delivery of that number; `None` when it is not in the outbox any more.
pub(crate) fn find(db: &Connection, id: i64) -> Result<Option<Waiting>, ApiError> {
    let mut query = db.prepare_cached("SELECT attempts, next_attempt FROM outbox WHERE id = ?1")?;
    let found =
        query.query_row([id], |row| Ok(Waiting { attempts: row.get(0)?, next_attempt: Timestamp(row.get(1)?) }));
    Ok(found.optional()?)
}

/// Puts a dead letter back; returns the number of the delivery, or `None` when there is no letter of that id.
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
            // Earlier releases kept the reason as the function gave it.
            reason: without_tokens(&row.get::<_, String>(7)?),
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
            let pause = pause(attempts, &rng);
            assert!((longest / 2..=longest).contains(&pause), "attempt {attempts}: {pause} ms");
        }
    }
}
