//! FilterLogEvents: searching a whole group, with a limit on the work of one request.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    api::{context::Context, request},
    error::ApiError,
    logs::{
        filter::Pattern,
        read::{MAX_EVENTS, group, invalid_token, page, parse_number, time_range, with_next},
        shapes,
    },
};

/// What one request may read, whether it matches or not. After that the caller continues with the token, as in AWS.
struct ScanBudget {
    events: usize,
    bytes: usize,
}

impl ScanBudget {
    const FULL: Self = Self { events: 10_000, bytes: 8 << 20 };

    fn is_spent(&self) -> bool {
        self.events == 0 || self.bytes == 0
    }

    fn spend(&mut self, message: &str) {
        self.events = self.events.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(message.len());
    }
}

/// The matching events of a group by time. The token is the position of the last event that was read; there is one as
/// long as events are left to read, even if none of them matches.
pub(super) fn filter(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    shapes::validate(request, shapes::FILTER)?;
    let group = group(db, request)?;
    let pattern = request::optional_text(request, "filterPattern")?.unwrap_or_default();
    let pattern = Pattern::parse(pattern).map_err(|error| shapes::invalid(error.to_string()))?;
    let prefix = request::optional_text(request, "logStreamNamePrefix")?;
    let streams = request.get("logStreamNames").filter(|streams| !streams.is_null());
    if prefix.is_some() && streams.is_some() {
        return Err(shapes::invalid("Only one of logStreamNames and logStreamNamePrefix may be given."));
    }
    let page = page(request, MAX_EVENTS)?;
    let (from, to) = time_range(request)?;
    let mut last = page.after.as_deref().map_or(Ok((from, 0)), position)?.max((from, 0));
    let mut query = db.prepare_cached(
        "SELECT id, timestamp, message, stream FROM log_events
         WHERE log_group = ?1 AND (timestamp, id) > (?2, ?3) AND timestamp < ?4
             AND substr(stream, 1, length(?5)) = ?5
             AND (?6 IS NULL OR stream IN (SELECT value FROM json_each(?6)))
         ORDER BY timestamp, id",
    )?;
    let streams = streams.map(Value::to_string);
    let mut rows = query.query((&group, last.0, last.1, to, prefix.unwrap_or_default(), streams))?;
    let (mut events, mut budget, mut next) = (Vec::new(), ScanBudget::FULL, None);
    while let Some(row) = rows.next()? {
        if events.len() == page.size || budget.is_spent() {
            next = Some(BASE64_URL_SAFE_NO_PAD.encode(format!("{}/{}", last.0, last.1)));
            break;
        }
        let (id, timestamp): (i64, i64) = (row.get(0)?, row.get(1)?);
        let message = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        budget.spend(message);
        last = (timestamp, id);
        if pattern.matches(message) {
            events.push(json!({ "logStreamName": row.get::<_, String>(3)?, "timestamp": timestamp,
                "message": message, "ingestionTime": timestamp, "eventId": id.to_string() }));
        }
    }
    Ok(with_next(json!({ "events": events, "searchedLogStreams": [] }), next))
}

/// The timestamp and the id in a token.
fn position(token: &str) -> Result<(i64, i64), ApiError> {
    let (timestamp, id) = token.split_once('/').ok_or_else(invalid_token)?;
    Ok((parse_number(timestamp)?, parse_number(id)?))
}
