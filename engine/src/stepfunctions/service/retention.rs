//! What has ended is kept for ninety days, as AWS keeps it; then the execution and its history are gone, and its name is
//! free again.
//!
//! A tag of a state machine can shorten that for executions that end with a certain state: the tag
//! `engine:keep-seconds/<name of the state>` has the number of seconds. To AWS it is a tag like any other.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use crate::{clock::Timestamp, error::ApiError, stepfunctions::service::history};

/// The tag that says how many seconds an execution is kept that ends with the state behind it.
const KEEP_TAG: &str = "engine:keep-seconds/";

/// How long an execution is kept after its end.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
/// Executions that one read looks at.
const LOOKED_AT: usize = 1_000;

/// Executions that have ended too long ago.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expired {
    /// Their rows.
    pub(crate) executions: Vec<i64>,
    /// Where the next look begins; `None` when there is nothing older behind it.
    pub(crate) next: Option<i64>,
}

/// Looks for expired executions behind the row `after`. Rows are in the order in which executions began, so the look
/// ends at the first that began too late to be expired, and no index is needed.
pub(crate) fn expired(db: &Connection, after: i64, now: Timestamp) -> Result<Expired, ApiError> {
    let limit = now.millis().saturating_sub(i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX));
    let mut query =
        db.prepare_cached("SELECT id, started, stopped FROM executions WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let rows = query.query_map((after, i64::try_from(LOOKED_AT).unwrap_or(i64::MAX)), |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<i64>>(2)?))
    })?;
    let (mut executions, mut seen, mut last) = (Vec::new(), 0, after);
    for row in rows {
        let (id, started, stopped) = row?;
        if started > limit {
            return Ok(Expired { executions, next: None });
        }
        if stopped.is_some_and(|stopped| stopped <= limit) {
            executions.push(id);
        }
        (seen, last) = (seen + 1, id);
    }
    Ok(Expired { executions, next: (seen == LOOKED_AT).then_some(last) })
}

/// Notes that an execution has ended with `state`, in case its state machine wants such executions gone earlier.
pub(super) fn ended(db: &Connection, execution: i64, state: &str, now: Timestamp) -> Result<(), ApiError> {
    let seconds: Option<String> = db
        .prepare_cached(
            "SELECT value FROM tags
             WHERE resource = (SELECT machine_arn FROM executions WHERE id = ?1) AND key = ?2",
        )?
        .query_row((execution, format!("{KEEP_TAG}{state}")), |row| row.get(0))
        .optional()?;
    let Some(seconds) = seconds.and_then(|seconds| seconds.parse().ok()) else { return Ok(()) };
    let kept = Duration::from_secs(seconds).min(KEPT);
    db.prepare_cached("INSERT OR REPLACE INTO short_lived (execution, forget_at) VALUES (?1, ?2)")?
        .execute((execution, (now + kept).millis()))?;
    Ok(())
}

/// The first [`LOOKED_AT`] executions whose shorter time is over.
pub(crate) fn expired_early(db: &Connection, now: Timestamp) -> Result<Vec<i64>, ApiError> {
    let mut query =
        db.prepare_cached("SELECT execution FROM short_lived WHERE forget_at <= ?1 ORDER BY forget_at LIMIT ?2")?;
    let rows = query.query_map((now.millis(), i64::try_from(LOOKED_AT).unwrap_or(i64::MAX)), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Removes up to `portion` rows of the history of an execution that has ended, and the execution itself with the last of
/// them. Returns how many rows went, and whether anything of it is left.
pub(crate) fn forget(db: &Connection, execution: i64, portion: usize) -> Result<(usize, bool), ApiError> {
    let events = history::forget(db, execution, portion)?;
    if events == portion {
        return Ok((events, true));
    }
    let executions =
        db.prepare_cached("DELETE FROM executions WHERE id = ?1 AND stopped IS NOT NULL")?.execute([execution])?;
    db.prepare_cached("DELETE FROM short_lived WHERE execution = ?1")?.execute([execution])?;
    Ok((events + executions, false))
}
