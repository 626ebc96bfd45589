//! What has ended is kept for ninety days, as AWS keeps it; then the execution and its history are gone, and its name is
//! free again.

use std::time::Duration;

use rusqlite::Connection;

use crate::{clock::Timestamp, error::ApiError, executions::history};

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

/// Removes up to `portion` rows of the history of an execution that has ended, and the execution itself with the last of
/// them. Returns how many rows went, and whether anything of it is left.
pub(crate) fn forget(db: &Connection, execution: i64, portion: usize) -> Result<(usize, bool), ApiError> {
    let events = history::forget(db, execution, portion)?;
    if events == portion {
        return Ok((events, true));
    }
    let executions =
        db.prepare_cached("DELETE FROM executions WHERE id = ?1 AND stopped IS NOT NULL")?.execute([execution])?;
    Ok((events + executions, false))
}
