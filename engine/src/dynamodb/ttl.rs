//! Time to live: UpdateTimeToLive, DescribeTimeToLive and the sweep.

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::{
    Result, catalog,
    request::Members,
    rows,
    schema::{Key, Table},
};
use crate::{clock::Timestamp, error::ApiError};

/// AWS keeps items that expired more than five years ago: such a time is probably a mistake.
const MAX_EXPIRED_AGE_SECONDS: i64 = 5 * 365 * 24 * 3600;

pub(super) fn update(conn: &Connection, request: &Value) -> Result<Value> {
    let members = Members::new(request, &["TableName", "TimeToLiveSpecification"])?;
    let name = members.table_name()?;
    let given = members.required("TimeToLiveSpecification")?;
    let specification = Members::new(given, &["AttributeName", "Enabled"])?;
    let attribute = specification.string("AttributeName")?.unwrap_or_default();
    let enabled = specification
        .optional_flag("Enabled")?
        .ok_or_else(|| super::request::null_member("timeToLiveSpecification.enabled"))?;
    if attribute.is_empty() {
        return Err(ApiError::validation("TimeToLiveSpecification.AttributeName must be non-empty"));
    }
    let mut table = catalog::open_named(conn, name)?;
    match (&table.time_to_live, enabled) {
        (Some(_), true) => return Err(ApiError::validation("TimeToLive is already enabled")),
        (None, false) => return Err(ApiError::validation("TimeToLive is already disabled")),
        (Some(current), false) if current != attribute => {
            return Err(ApiError::validation("TimeToLive is active on a different AttributeName"));
        }
        _ => {}
    }
    table.time_to_live = enabled.then(|| attribute.to_owned());
    catalog::save(conn, &table)?;
    conn.prepare_cached("DELETE FROM ddb_expiries WHERE table_id = ?")?.execute([table.id])?;
    if enabled {
        record_all(conn, &table)?;
    }
    Ok(json!({"TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": enabled}}))
}

pub(super) fn describe(conn: &Connection, request: &Value) -> Result<Value> {
    let members = Members::new(request, &["TableName"])?;
    let table = catalog::open_named(conn, members.table_name()?)?;
    Ok(match &table.time_to_live {
        Some(attribute) => {
            json!({"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}})
        }
        None => json!({"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}),
    })
}

/// Deletes up to `limit` expired items, oldest first; returns their number. As in AWS, reads return an expired item
/// until a sweep has deleted it. Runs in the caller's transaction.
///
/// # Errors
/// `InternalServerError` if the store fails.
pub(crate) fn sweep_expired(conn: &Connection, now: Timestamp, limit: usize) -> Result<usize> {
    let seconds = now.millis().div_euclid(1000);
    let due: Vec<(i64, Key)> = conn
        .prepare_cached(
            "SELECT table_id, partition_key, sort_key FROM ddb_expiries WHERE expires_at > ? AND expires_at <= ?
             ORDER BY expires_at LIMIT ?",
        )?
        .query_map(
            params![seconds - MAX_EXPIRED_AGE_SECONDS, seconds, i64::try_from(limit).unwrap_or(i64::MAX)],
            |row| Ok((row.get(0)?, Key { partition: row.get(1)?, sort: row.get(2)? })),
        )?
        .collect::<rusqlite::Result<_>>()?;
    for (table_id, key) in &due {
        let Some(table) = catalog::open_by_id(conn, *table_id)? else { continue };
        let old = rows::read(conn, &table, key)?;
        rows::replace(conn, &table, key, old.as_ref(), None)?;
    }
    Ok(due.len())
}

/// Records the expiries of the existing items.
fn record_all(conn: &Connection, table: &Table) -> Result<()> {
    let mut select = conn.prepare_cached("SELECT item FROM ddb_items WHERE table_id = ?")?;
    let mut found = select.query([table.id])?;
    while let Some(row) = found.next()? {
        let item = rows::parse(row.get_ref(0)?.as_str().unwrap_or_default())?;
        if let Some(key) = table.keys.key_of(&item) {
            rows::move_expiry(conn, table, &key, None, table.expiry_of(&item))?;
        }
    }
    Ok(())
}
