//! Retention of ended executions: 90 days, as in AWS. After that the execution and its history are deleted, and its
//! name can be used again.
//!
//! A tag of the state machine can shorten the retention of executions whose last state has a certain name: the value of
//! the tag `engine:keep-seconds/<name of the state>` is the number of seconds. In AWS it is a tag without effect.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use crate::{clock::Timestamp, error::ApiError, stepfunctions::service::history};

/// Prefix of the tags that shorten the retention; the name of the last state follows.
const KEEP_TAG: &str = "engine:keep-seconds/";

/// How long an ended execution is kept.
const RETENTION: Duration = Duration::from_secs(90 * 24 * 3600);
/// Maximum number of executions that one read scans.
const SCAN_LIMIT: usize = 1_000;

/// Executions whose retention has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expired {
    /// Their rows.
    pub(crate) executions: Vec<i64>,
    /// Where the next scan begins; `None` if nothing is left to scan.
    pub(crate) next: Option<i64>,
}

/// Scans for expired executions after the row `after`. Rows are in the order in which executions started, so the scan
/// ends at the first that started too late, and no index is needed.
pub(crate) fn expired(db: &Connection, after: i64, now: Timestamp) -> Result<Expired, ApiError> {
    let limit = now.millis().saturating_sub(i64::try_from(RETENTION.as_millis()).unwrap_or(i64::MAX));
    let mut query =
        db.prepare_cached("SELECT id, started, stopped FROM executions WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let rows = query.query_map((after, i64::try_from(SCAN_LIMIT).unwrap_or(i64::MAX)), |row| {
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
    Ok(Expired { executions, next: (seen == SCAN_LIMIT).then_some(last) })
}

/// Schedules the deletion of an execution that ended with `state`, if a tag of its state machine shortens its
/// retention.
pub(super) fn schedule_early_deletion(
    db: &Connection,
    execution: i64,
    state: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    let seconds: Option<String> = db
        .prepare_cached(
            "SELECT value FROM tags
             WHERE resource = (SELECT machine_arn FROM executions WHERE id = ?1) AND key = ?2",
        )?
        .query_row((execution, format!("{KEEP_TAG}{state}")), |row| row.get(0))
        .optional()?;
    let Some(seconds) = seconds.and_then(|seconds| seconds.parse().ok()) else { return Ok(()) };
    let retention = Duration::from_secs(seconds).min(RETENTION);
    db.prepare_cached("INSERT OR REPLACE INTO short_lived (execution, forget_at) VALUES (?1, ?2)")?
        .execute((execution, (now + retention).millis()))?;
    Ok(())
}

/// The first [`SCAN_LIMIT`] executions whose shortened retention has ended.
pub(crate) fn expired_early(db: &Connection, now: Timestamp) -> Result<Vec<i64>, ApiError> {
    let mut query =
        db.prepare_cached("SELECT execution FROM short_lived WHERE forget_at <= ?1 ORDER BY forget_at LIMIT ?2")?;
    let rows = query.query_map((now.millis(), i64::try_from(SCAN_LIMIT).unwrap_or(i64::MAX)), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes up to `portion` rows of the history of an ended execution, and the execution itself with the last of them.
/// Returns the number of deleted rows, and whether rows are left.
pub(crate) fn delete_some(db: &Connection, execution: i64, portion: usize) -> Result<(usize, bool), ApiError> {
    let events = history::delete_rows(db, execution, portion)?;
    if events == portion {
        return Ok((events, true));
    }
    let executions =
        db.prepare_cached("DELETE FROM executions WHERE id = ?1 AND stopped IS NOT NULL")?.execute([execution])?;
    db.prepare_cached("DELETE FROM short_lived WHERE execution = ?1")?.execute([execution])?;
    Ok((events + executions, false))
}
