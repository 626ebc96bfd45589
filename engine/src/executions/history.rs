//! The stored history, and GetExecutionHistory.

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};

use crate::{
    cloud::Site,
    error::ApiError,
    executions::{describe::execution_missing, names::check_execution_arn},
    request::{self, Page},
    states::history::HistoryEvent,
};

/// Adds an event.
pub(super) fn append(db: &Connection, execution: i64, event: &HistoryEvent) -> Result<(), ApiError> {
    let text = serde_json::to_string(event)
        .map_err(|error| ApiError::internal(format!("an event cannot be written: {error}")))?;
    db.prepare_cached("INSERT INTO history (execution, id, event) VALUES (?1, ?2, ?3)")?
        .execute((execution, event.id, text))?;
    Ok(())
}

/// All events in order.
pub(super) fn load(db: &Connection, execution: i64) -> Result<Vec<HistoryEvent>, ApiError> {
    let mut query = db.prepare_cached("SELECT event FROM history WHERE execution = ?1 ORDER BY id")?;
    let rows = query.query_map([execution], |row| row.get::<_, String>(0))?;
    rows.map(|text| parse(&text?)).collect()
}

fn parse(text: &str) -> Result<HistoryEvent, ApiError> {
    serde_json::from_str(text).map_err(|error| ApiError::internal(format!("a stored event cannot be read: {error}")))
}

/// GetExecutionHistory.
pub(super) fn get(_: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    let arn = request::text(request, "executionArn")?;
    check_execution_arn(arn)?;
    let page = Page::of(request, "maxResults", "nextToken", 100, 1000)?;
    let newest_first = request::optional_bool(request, "reverseOrder")?.unwrap_or(false);
    let with_data = request::optional_bool(request, "includeExecutionData")?.unwrap_or(true);
    let execution: i64 = db
        .prepare_cached("SELECT id FROM executions WHERE arn = ?1")?
        .query_row([arn], |row| row.get(0))
        .optional()?
        .ok_or_else(|| execution_missing(arn))?;
    let after = page.after.as_deref().map(str::parse::<i64>).transpose();
    let after = after.map_err(|_| ApiError::client("InvalidToken", "Invalid Token: 'Invalid pagination token'"))?;
    let (sql, after) = if newest_first {
        (
            "SELECT event FROM history WHERE execution = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
            after.unwrap_or(i64::MAX),
        )
    } else {
        ("SELECT event FROM history WHERE execution = ?1 AND id > ?2 ORDER BY id LIMIT ?3", after.unwrap_or(0))
    };
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map((execution, after, page.reach()), |row| row.get::<_, String>(0))?;
    let mut events = rows.map(|text| parse(&text?)).collect::<Result<Vec<_>, _>>()?;
    let next = page.cut(&mut events, |event| event.id.to_string());
    let events: Vec<Value> = events.iter().map(|event| event.to_wire(with_data)).collect();
    Ok(match next {
        Some(next) => json!({ "events": events, "nextToken": next }),
        None => json!({ "events": events }),
    })
}
