//! Reading log groups, streams and events.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    api::{context::Context, page::Page, request},
    error::ApiError,
    logs::{
        groups::{group_arn, group_of, not_found},
        shapes,
    },
};

/// Maximum number of events in one page.
pub(super) const MAX_EVENTS: i64 = 10_000;

pub(super) fn groups(context: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    shapes::validate(request, shapes::GROUPS)?;
    let prefix = request::optional_text(request, "logGroupNamePrefix")?;
    let part = request::optional_text(request, "logGroupNamePattern")?.filter(|part| !part.is_empty());
    if prefix.is_some() && part.is_some() {
        let message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(shapes::invalid(message));
    }
    let page = page(request, 50)?;
    let mut query = db.prepare_cached(
        "SELECT name, created, (SELECT coalesce(sum(length(message)), 0) FROM log_events WHERE log_group = name)
         FROM log_groups
         WHERE name > ?1 AND substr(name, 1, length(?2)) = ?2 AND instr(lower(name), lower(?3)) > 0
         ORDER BY name LIMIT ?4",
    )?;
    let after = page.after.as_deref().unwrap_or_default();
    let wanted = (after, prefix.unwrap_or_default(), part.unwrap_or_default(), page.fetch_limit());
    let rows =
        query.query_map(wanted, |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))?;
    let mut groups = rows.collect::<Result<Vec<_>, _>>()?;
    let next = page.next_token(&mut groups, |(name, ..)| name.clone());
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(name, created, bytes)| {
            let arn = group_arn(context, &name);
            json!({ "logGroupName": name, "creationTime": created, "metricFilterCount": 0, "arn": format!("{arn}:*"),
                "storedBytes": bytes, "logGroupClass": "STANDARD", "logGroupArn": arn,
                "deletionProtectionEnabled": false })
        })
        .collect();
    Ok(with_next(json!({ "logGroups": groups }), next))
}

/// Streams by name, or with `orderBy: LastEventTime` by the time of their last event.
pub(super) fn streams(context: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    shapes::validate(request, shapes::STREAMS)?;
    let group = group(db, request)?;
    let page = page(request, 50)?;
    let prefix = request::optional_text(request, "logStreamNamePrefix")?.unwrap_or_default();
    let by_time = request::optional_text(request, "orderBy")? == Some("LastEventTime");
    if by_time && !prefix.is_empty() {
        return Err(shapes::invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let newest_first = request::optional_bool(request, "descending")?.unwrap_or(false);
    let order = match (by_time, newest_first) {
        (false, false) => "stream",
        (false, true) => "stream DESC",
        (true, false) => "max(timestamp), max(id)",
        (true, true) => "max(timestamp) DESC, max(id) DESC",
    };
    let skip: i64 = page.after.as_deref().map_or(Ok(0), parse_number)?;
    let mut query = db.prepare_cached(&format!(
        "SELECT stream, min(timestamp), max(timestamp) FROM log_events
         WHERE log_group = ?1 AND substr(stream, 1, length(?2)) = ?2
         GROUP BY stream ORDER BY {order} LIMIT ?3 OFFSET ?4"
    ))?;
    let arn = group_arn(context, &group);
    let rows = query.query_map((&group, prefix, page.fetch_limit(), skip), |row| {
        let (stream, first, last): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let stream_arn = format!("{arn}:log-stream:{stream}");
        Ok(json!({ "logStreamName": stream, "creationTime": first, "firstEventTimestamp": first,
            "lastEventTimestamp": last, "lastIngestionTime": last, "arn": stream_arn, "storedBytes": 0 }))
    })?;
    let mut streams = rows.collect::<Result<Vec<_>, _>>()?;
    let next = page.next_token(&mut streams, |_| skip.saturating_add(page.fetch_limit() - 1).to_string());
    Ok(with_next(json!({ "logStreams": streams }), next))
}

/// The events of one stream, oldest first: a page from its beginning, or by default the last page, and from there in
/// either direction. Every page has both tokens; a reader stops when a token stays the same.
pub(super) fn events(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    shapes::validate(request, shapes::EVENTS)?;
    let group = group(db, request)?;
    let stream = request::text(request, "logStreamName")?;
    let mut known = db.prepare_cached("SELECT 1 FROM log_events WHERE log_group = ?1 AND stream = ?2")?;
    if !known.exists((&group, stream))? {
        return Err(not_found("log stream"));
    }
    let token = request::optional_text(request, "nextToken")?;
    let from_head = request::optional_bool(request, "startFromHead")?.unwrap_or(false);
    let (forward, edge) = match token.map(|token| token.split_once('/').unwrap_or((token, ""))) {
        None if from_head => (true, 0),
        None => (false, i64::MAX),
        Some(("f", edge)) => (true, parse_number(edge)?),
        Some(("b", edge)) => (false, parse_number(edge)?),
        Some(_) => return Err(invalid_token()),
    };
    let (sign, order) = if forward { (">", "ASC") } else { ("<", "DESC") };
    let (from, to) = time_range(request)?;
    let limit = request::optional_integer(request, "limit", 1, MAX_EVENTS)?.unwrap_or(MAX_EVENTS);
    let mut query = db.prepare_cached(&format!(
        "SELECT id, timestamp, message FROM log_events
         WHERE log_group = ?1 AND stream = ?2 AND timestamp >= ?3 AND timestamp < ?4 AND id {sign} ?5
         ORDER BY id {order} LIMIT ?6"
    ))?;
    let rows = query.query_map((&group, stream, from, to, edge, limit), |row| {
        let (id, timestamp): (i64, i64) = (row.get(0)?, row.get(1)?);
        let message: String = row.get(2)?;
        Ok((id, json!({ "timestamp": timestamp, "message": message, "ingestionTime": timestamp })))
    })?;
    let mut events = rows.collect::<Result<Vec<_>, _>>()?;
    if !forward {
        events.reverse();
    }
    // After an empty page, the next page in the other direction begins at the edge itself.
    let first = events.first().map_or(if forward { edge.saturating_add(1) } else { edge }, |(id, _)| *id);
    let last = events.last().map_or(if forward { edge } else { edge.saturating_sub(1) }, |(id, _)| *id);
    let events: Vec<Value> = events.into_iter().map(|(_, event)| event).collect();
    let (next, before) = (format!("f/{last}"), format!("b/{first}"));
    Ok(json!({ "events": events, "nextForwardToken": next, "nextBackwardToken": before }))
}

/// The existing group that the request names, by name or ARN.
pub(super) fn group(db: &Connection, request: &Value) -> Result<String, ApiError> {
    let (name, identifier) =
        (request::optional_text(request, "logGroupName")?, request::optional_text(request, "logGroupIdentifier")?);
    let name = match (name, identifier) {
        (Some(_), Some(_)) => {
            let message = "LogGroup name and LogGroup ARN are mutually exclusive parameters.";
            return Err(ApiError::validation(message));
        }
        (None, Some(identifier)) => group_of(identifier),
        (Some(name), None) => name,
        (None, None) => return Err(shapes::invalid("Either logGroupName or logGroupIdentifier must be given.")),
    };
    let known = db.prepare_cached("SELECT 1 FROM log_groups WHERE name = ?1")?.exists([name])?;
    if known { Ok(name.to_owned()) } else { Err(not_found("log group")) }
}

/// `startTime` (inclusive) and `endTime` (exclusive) in milliseconds.
pub(super) fn time_range(request: &Value) -> Result<(i64, i64), ApiError> {
    let from = request::optional_integer(request, "startTime", 0, i64::MAX)?.unwrap_or(0);
    let to = request::optional_integer(request, "endTime", 0, i64::MAX)?.unwrap_or(i64::MAX);
    Ok((from, to))
}

/// The requested page; `most` is both the limit and the default.
pub(super) fn page(request: &Value, most: i64) -> Result<Page, ApiError> {
    Page::parse(request, "limit", "nextToken", most, most).map_err(|error| match error.code {
        "InvalidToken" => invalid_token(),
        _ => error,
    })
}

pub(super) fn parse_number(token: &str) -> Result<i64, ApiError> {
    token.parse().map_err(|_| invalid_token())
}

pub(super) fn invalid_token() -> ApiError {
    shapes::invalid("The specified nextToken is invalid.")
}

pub(super) fn with_next(mut answer: Value, next: Option<String>) -> Value {
    if let (Some(next), Some(members)) = (next, answer.as_object_mut()) {
        members.insert("nextToken".to_owned(), next.into());
    }
    answer
}
