//! Searching a whole group, in steps that are bounded whatever the pattern finds.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    api::{context::Context, request},
    error::ApiError,
    logs::{
        filter::Pattern,
        read::{MOST_EVENTS, group, invalid_token, number, page, span, with_next},
        shapes,
    },
};

/// What one request looks at, whether it matches or not. Beyond it the caller goes on with the token, as in AWS.
struct Budget {
    events: usize,
    bytes: usize,
}

impl Budget {
    const FULL: Self = Self { events: 10_000, bytes: 8 << 20 };

    fn is_spent(&self) -> bool {
        self.events == 0 || self.bytes == 0
    }

    fn spend(&mut self, message: &str) {
        self.events = self.events.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(message.len());
    }
}

/// The events of a group by their time, those that match the pattern. The token is the place of the last event looked
/// at; it is given while there are more to look at, even if none of them should match.
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
    let page = page(request, MOST_EVENTS)?;
    let (from, to) = span(request)?;
    let mut last = page.after.as_deref().map_or(Ok((from, 0)), place)?.max((from, 0));
    let mut query = db.prepare_cached(
        "SELECT id, timestamp, message, stream FROM log_events
         WHERE log_group = ?1 AND (timestamp, id) > (?2, ?3) AND timestamp < ?4
             AND substr(stream, 1, length(?5)) = ?5
             AND (?6 IS NULL OR stream IN (SELECT value FROM json_each(?6)))
         ORDER BY timestamp, id",
    )?;
    let streams = streams.map(Value::to_string);
    let mut rows = query.query((&group, last.0, last.1, to, prefix.unwrap_or_default(), streams))?;
    let (mut events, mut budget, mut next) = (Vec::new(), Budget::FULL, None);
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

/// The time and the id in a token.
fn place(token: &str) -> Result<(i64, i64), ApiError> {
    let (timestamp, id) = token.split_once('/').ok_or_else(invalid_token)?;
    Ok((number(timestamp)?, number(id)?))
}
