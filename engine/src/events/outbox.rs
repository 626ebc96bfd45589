//! The outbox: what has to be delivered, until it is; and the dead letters, when it cannot be.

use rusqlite::{Connection, OptionalExtension};

use crate::{
    clock::{Rng, Timestamp},
    error::ApiError,
    events::targets::RetryPolicy,
    store::Work,
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
    /// Where it should have gone.
    pub target_arn: String,
    /// What should have been delivered.
    pub payload: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong the last time.
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
    pub(super) event_id: String,
    pub(super) target_arn: String,
    pub(super) payload: String,
    pub(super) caller: Option<Caller>,
    pub(super) bare_answer: bool,
}

/// Puts a delivery into the outbox; the delivery loop is woken after the commit.
pub(crate) fn enqueue(work: &Work<'_>, delivery: &Delivery<'_>, policy: RetryPolicy) -> Result<(), ApiError> {
    let now = work.now.millis();
    work.db
        .prepare_cached(
            "INSERT INTO outbox (event_id, target_arn, payload, caller_execution, caller_task, bare_answer,
                 max_attempts, give_up, next_attempt) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            delivery.event_id,
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

/// The deliveries whose time has come, in the order in which they were written.
pub(super) fn due(db: &Connection, now: Timestamp, limit: usize) -> Result<Vec<Row>, ApiError> {
    let mut query = db.prepare_cached(
        "SELECT id, event_id, target_arn, payload, caller_execution, caller_task, bare_answer FROM outbox
         WHERE next_attempt <= ?1 ORDER BY next_attempt, id LIMIT ?2",
    )?;
    let rows = query.query_map((now.millis(), i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
        let caller = match (row.get(4)?, row.get(5)?) {
            (Some(execution), Some(scheduled_event_id)) => Some(Caller { execution, scheduled_event_id }),
            _ => None,
        };
        Ok(Row {
            id: row.get(0)?,
            event_id: row.get(1)?,
            target_arn: row.get(2)?,
            payload: row.get(3)?,
            caller,
            bare_answer: row.get(6)?,
        })
    })?;
    let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
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

/// Notes a failed attempt: the next one is later, or there is none.
pub(super) fn failed(work: &Work<'_>, rng: &dyn Rng, id: i64, reason: &str) -> Result<Verdict, ApiError> {
    let row = work
        .db
        .prepare_cached("SELECT attempts + 1, max_attempts, give_up FROM outbox WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))
        .optional()?;
    let Some((attempts, max_attempts, give_up)) = row else { return Ok(Verdict::Gone) };
    let next = work.now.millis().saturating_add(pause(attempts, rng));
    if attempts >= max_attempts || next > give_up {
        work.db
            .prepare_cached(
                "INSERT INTO dead_letters (event_id, target_arn, payload, attempts, reason, given_up)
                 SELECT event_id, target_arn, payload, ?2, ?3, ?4 FROM outbox WHERE id = ?1",
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

/// Puts a dead letter back; false when there is none of that id.
pub(crate) fn replay(work: &Work<'_>, id: i64) -> Result<bool, ApiError> {
    let (now, policy) = (work.now.millis(), RetryPolicy::DEFAULT);
    let moved = work
        .db
        .prepare_cached(
            "INSERT INTO outbox (event_id, target_arn, payload, bare_answer, max_attempts, give_up, next_attempt)
             SELECT event_id, target_arn, payload, 0, ?2, ?3, ?4 FROM dead_letters WHERE id = ?1",
        )?
        .execute((id, policy.max_attempts, now.saturating_add(policy.max_age_ms), now))?;
    work.db.prepare_cached("DELETE FROM dead_letters WHERE id = ?1")?.execute([id])?;
    work.outbox_filled();
    Ok(moved == 1)
}

/// All dead letters, oldest first.
pub(crate) fn dead_letters(db: &Connection) -> Result<Vec<DeadLetter>, ApiError> {
    let mut query = db.prepare_cached(
        "SELECT id, event_id, target_arn, payload, attempts, reason, given_up FROM dead_letters ORDER BY id",
    )?;
    let rows = query.query_map([], |row| {
        Ok(DeadLetter {
            id: row.get(0)?,
            event_id: row.get(1)?,
            target_arn: row.get(2)?,
            payload: row.get(3)?,
            attempts: row.get(4)?,
            reason: row.get(5)?,
            given_up: Timestamp(row.get(6)?),
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
