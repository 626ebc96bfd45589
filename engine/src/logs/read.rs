//! Reading logs: groups, streams, and what is in them.

use rusqlite::{Connection, Row};
use serde_json::{Value, json};

use super::{group_arn, group_of, missing};
use crate::{
    cloud::Site,
    error::ApiError,
    request::{self, Page},
};

pub(super) fn groups(site: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    let page = Page::of(request, "limit", "nextToken", 50, 50)?;
    let prefix = request::optional_text(request, "logGroupNamePrefix")?.unwrap_or_default();
    let mut query = db.prepare_cached(
        "SELECT name, created FROM log_groups
         WHERE name > ?1 AND substr(name, 1, length(?2)) = ?2 ORDER BY name LIMIT ?3",
    )?;
    let rows = query.query_map((page.after.as_deref().unwrap_or_default(), prefix, page.reach()), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
    })?;
    let mut groups = rows.collect::<Result<Vec<_>, _>>()?;
    let next = page.cut(&mut groups, |(name, _)| name.clone());
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(name, created)| {
            let arn = group_arn(site, &name);
            json!({ "logGroupName": name, "creationTime": created, "arn": format!("{arn}:*"), "logGroupArn": arn })
        })
        .collect();
    Ok(with_next(json!({ "logGroups": groups }), next))
}

/// Streams by name, or with `orderBy: LastEventTime` by the time of their last event.
pub(super) fn streams(site: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    let group = group(db, request)?;
    let page = Page::of(request, "limit", "nextToken", 50, 50)?;
    let prefix = request::optional_text(request, "logStreamNamePrefix")?.unwrap_or_default();
    let by_time = request::optional_text(request, "orderBy")? == Some("LastEventTime");
    let newest_first = request::optional_bool(request, "descending")?.unwrap_or(false);
    let order = match (by_time, newest_first) {
        (false, false) => "stream",
        (false, true) => "stream DESC",
        (true, false) => "max(timestamp), max(id)",
        (true, true) => "max(timestamp) DESC, max(id) DESC",
    };
    let skip: i64 = number(page.after.as_deref())?;
    let mut query = db.prepare_cached(&format!(
        "SELECT stream, min(timestamp), max(timestamp) FROM log_events
         WHERE log_group = ?1 AND substr(stream, 1, length(?2)) = ?2
         GROUP BY stream ORDER BY {order} LIMIT ?3 OFFSET ?4"
    ))?;
    let arn = group_arn(site, &group);
    let rows = query.query_map((&group, prefix, page.reach(), skip), |row| {
        let (stream, first, last): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let stream_arn = format!("{arn}:log-stream:{stream}");
        Ok(json!({ "logStreamName": stream, "creationTime": first, "firstEventTimestamp": first,
            "lastEventTimestamp": last, "lastIngestionTime": last, "arn": stream_arn }))
    })?;
    let mut streams = rows.collect::<Result<Vec<_>, _>>()?;
    let next = page.cut(&mut streams, |_| skip.saturating_add(page.reach() - 1).to_string());
    Ok(with_next(json!({ "logStreams": streams }), next))
}

/// The events of one stream, oldest first.
pub(super) fn events(_: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    let group = group(db, request)?;
    let stream = request::text(request, "logStreamName")?;
    let mut known = db.prepare_cached("SELECT 1 FROM log_events WHERE log_group = ?1 AND stream = ?2")?;
    if !known.exists((&group, stream))? {
        return Err(missing("log stream"));
    }
    let page = Page::of(request, "limit", "nextToken", 10_000, 10_000)?;
    let (from, to) = span(request)?;
    let mut query = db.prepare_cached(
        "SELECT id, timestamp, message, stream FROM log_events
         WHERE log_group = ?1 AND stream = ?2 AND timestamp >= ?3 AND timestamp < ?4 AND id > ?5
         ORDER BY id LIMIT ?6",
    )?;
    let after = number(page.after.as_deref())?;
    let rows = query.query_map((&group, stream, from, to, after, page.reach()), event)?;
    let mut events = rows.collect::<Result<Vec<_>, _>>()?;
    // Clients read on until the token stays the same, so there always is one.
    let next = page.cut(&mut events, |(id, _)| id.to_string());
    let same = request::optional_text(request, "nextToken")?.unwrap_or_default().to_owned();
    let events: Vec<Value> = events.into_iter().map(|(_, event)| event).collect();
    Ok(json!({ "events": events, "nextForwardToken": next.unwrap_or(same.clone()), "nextBackwardToken": same }))
}

/// The events of a whole group, oldest first. Filter patterns are not supported, and refused.
pub(super) fn filter(_: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    let group = group(db, request)?;
    if request::optional_text(request, "filterPattern")?.is_some_and(|pattern| !pattern.is_empty()) {
        let message = "This engine does not support filterPattern; leave it out and filter the events yourself.";
        return Err(ApiError::client("InvalidParameterException", message));
    }
    let page = Page::of(request, "limit", "nextToken", 10_000, 10_000)?;
    let (from, to) = span(request)?;
    let mut query = db.prepare_cached(
        "SELECT id, timestamp, message, stream FROM log_events
         WHERE log_group = ?1 AND timestamp >= ?2 AND timestamp < ?3 AND id > ?4 ORDER BY id LIMIT ?5",
    )?;
    let rows = query.query_map((&group, from, to, number(page.after.as_deref())?, page.reach()), event)?;
    let mut events = rows.collect::<Result<Vec<_>, _>>()?;
    let next = page.cut(&mut events, |(id, _)| id.to_string());
    let events: Vec<Value> = events.into_iter().map(|(_, event)| event).collect();
    Ok(with_next(json!({ "events": events, "searchedLogStreams": [] }), next))
}

fn event(row: &Row<'_>) -> rusqlite::Result<(i64, Value)> {
    let (id, timestamp): (i64, i64) = (row.get(0)?, row.get(1)?);
    let event = json!({ "eventId": id.to_string(), "timestamp": timestamp, "ingestionTime": timestamp,
        "message": row.get::<_, String>(2)?, "logStreamName": row.get::<_, String>(3)? });
    Ok((id, event))
}

/// The group of a request, by its name or its ARN; it must be there.
fn group(db: &Connection, request: &Value) -> Result<String, ApiError> {
    let name = match request::optional_text(request, "logGroupIdentifier")? {
        Some(identifier) => group_of(identifier),
        None => request::text(request, "logGroupName")?,
    };
    let known = db.prepare_cached("SELECT 1 FROM log_groups WHERE name = ?1")?.exists([name])?;
    if known { Ok(name.to_owned()) } else { Err(missing("log group")) }
}

/// `startTime` and `endTime` in milliseconds, the latter not included.
fn span(request: &Value) -> Result<(i64, i64), ApiError> {
    let from = request::optional_integer(request, "startTime", 0, i64::MAX)?.unwrap_or(0);
    let to = request::optional_integer(request, "endTime", 0, i64::MAX)?.unwrap_or(i64::MAX);
    Ok((from, to))
}

fn number(token: Option<&str>) -> Result<i64, ApiError> {
    let invalid = |_| ApiError::client("InvalidParameterException", "The specified nextToken is invalid.");
    token.map_or(Ok(0), |token| token.parse().map_err(invalid))
}

fn with_next(mut answer: Value, next: Option<String>) -> Value {
    if let (Some(next), Some(members)) = (next, answer.as_object_mut()) {
        members.insert("nextToken".to_owned(), next.into());
    }
    answer
}
