//! The stored history of executions, and GetExecutionHistory.

use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Value, json};

use crate::{
    api::{context::Context, page::Page, request, shape::validate},
    clock::Timestamp,
    error::ApiError,
    stepfunctions::{
        language::history_event::{EventKind, HistoryEvent, MAX_EVENTS},
        service::{
            names::{arn_hash, check_execution_arn, execution_not_found},
            shapes,
        },
    },
};

/// The bits of a row key for the id of the row's first event. The bits above contain the execution.
const ID_BITS: u32 = 15;
const _: () = assert!(MAX_EVENTS < 1 << ID_BITS, "every event needs a unique key");

/// Size in bytes at which a row takes no further event, so that one page of a long history can be read without the
/// rest.
const MAX_ROW_BYTES: usize = 32 * 1024;

/// The key of a row: a single integer, so that its index is small. The rows themselves are stored in the order in which
/// they were written.
const fn row_key(execution: i64, event_id: i64) -> i64 {
    (execution << ID_BITS) | event_id
}

/// Events that are not written yet. The events of one step share a row: a step appends about ten, and a row costs more
/// than the events in it.
#[derive(Debug, Default)]
pub(super) struct EventBatch {
    first: i64,
    timestamp: Timestamp,
    /// A JSON array without its closing bracket; empty if there is nothing to write.
    text: Vec<u8>,
}

impl EventBatch {
    /// Adds an event. First writes the earlier ones if the row is full or has another timestamp. Returns the size of
    /// the event in bytes.
    pub(super) fn add(&mut self, db: &Connection, execution: i64, event: &HistoryEvent) -> Result<usize, ApiError> {
        if self.text.len() > MAX_ROW_BYTES || (!self.text.is_empty() && self.timestamp != event.timestamp) {
            self.write(db, execution)?;
        }
        if self.text.is_empty() {
            (self.first, self.timestamp) = (event.id, event.timestamp);
        }
        let before = self.text.len();
        self.text.push(if self.text.is_empty() { b'[' } else { b',' });
        serde_json::to_writer(&mut self.text, &(event.previous_event_id, &event.kind))
            .map_err(|error| ApiError::internal(format!("an event cannot be written: {error}")))?;
        Ok(self.text.len() - before)
    }

    /// Writes the pending events.
    pub(super) fn write(&mut self, db: &Connection, execution: i64) -> Result<(), ApiError> {
        if self.text.is_empty() {
            return Ok(());
        }
        self.text.push(b']');
        let text = str::from_utf8(&self.text)
            .map_err(|error| ApiError::internal(format!("an event cannot be written: {error}")))?;
        db.prepare_cached("INSERT INTO history (place, timestamp, events) VALUES (?1, ?2, ?3)")?.execute((
            row_key(execution, self.first),
            self.timestamp.millis(),
            text,
        ))?;
        self.text.clear();
        Ok(())
    }
}

/// Calls `work` with each event in order. Only one row is in memory at a time, because a history can have gigabytes.
pub(super) fn for_each(
    db: &Connection,
    execution: i64,
    mut work: impl FnMut(HistoryEvent) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let mut query =
        db.prepare_cached("SELECT place, timestamp, events FROM history WHERE place BETWEEN ?1 AND ?2 ORDER BY place")?;
    let mut rows = query.query((row_key(execution, 0), row_key(execution, MAX_EVENTS)))?;
    while let Some(row) = rows.next()? {
        events_of(row)?.into_iter().try_for_each(&mut work)?;
    }
    Ok(())
}

/// Deletes the first `limit` rows of an execution's history; returns the number of deleted rows.
pub(super) fn delete_rows(db: &Connection, execution: i64, limit: usize) -> Result<usize, ApiError> {
    let mut delete = db.prepare_cached(
        "DELETE FROM history
         WHERE place IN (SELECT place FROM history WHERE place BETWEEN ?1 AND ?2 ORDER BY place LIMIT ?3)",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(delete.execute((row_key(execution, 0), row_key(execution, MAX_EVENTS), limit))?)
}

/// The events of one row.
fn events_of(row: &Row<'_>) -> Result<Vec<HistoryEvent>, ApiError> {
    let (place, timestamp) = (row.get::<_, i64>(0)?, Timestamp(row.get(1)?));
    let text = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
    let events: Vec<(i64, EventKind)> = serde_json::from_str(text)
        .map_err(|error| ApiError::internal(format!("a stored event cannot be read: {error}")))?;
    let first = place & ((1 << ID_BITS) - 1);
    let event = |(id, (previous_event_id, kind))| HistoryEvent { id, previous_event_id, timestamp, kind };
    Ok((first..).zip(events).map(event).collect())
}

/// Migrates to one row for the events of a step, instead of one row per event.
pub(crate) fn batch_rows(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "ALTER TABLE history RENAME TO single_events;
         CREATE TABLE history (
             -- The execution in the high bits, the id of the row's first event in the low 15.
             place INTEGER PRIMARY KEY,
             -- When they happened, in milliseconds since the epoch.
             timestamp INTEGER NOT NULL,
             -- Pairs of the previous event's id and the event, in JSON; each id is one more than that before it.
             events TEXT NOT NULL
         ) STRICT;",
    )?;
    let mut singles = db.prepare("SELECT execution, event FROM single_events ORDER BY execution, id")?;
    let mut rows = singles.query([])?;
    let mut batch = (0, EventBatch::default());
    while let Some(row) = rows.next()? {
        let execution = row.get(0)?;
        if execution != batch.0 {
            batch.1.write(db, batch.0)?;
            batch.0 = execution;
        }
        let event = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)
            .map_err(|error| ApiError::internal(format!("a stored event cannot be read: {error}")))?;
        batch.1.add(db, execution, &event)?;
    }
    batch.1.write(db, batch.0)?;
    drop(rows);
    drop(singles);
    db.execute_batch("DROP TABLE single_events")?;
    Ok(())
}

pub(super) fn get(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::GET_EXECUTION_HISTORY)?;
    let arn = request::text(request, "executionArn")?;
    check_execution_arn(arn)?;
    let page = Page::parse(request, "maxResults", "nextToken", 100, 1000)?;
    let newest_first = request::optional_bool(request, "reverseOrder")?.unwrap_or(false);
    let with_data = request::optional_bool(request, "includeExecutionData")?.unwrap_or(true);
    let (execution, input): (i64, String) = db
        .prepare_cached("SELECT id, input FROM executions WHERE arn_hash = ?1 AND arn = ?2")?
        .query_row((arn_hash(arn), arn), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(|| execution_not_found(arn))?;
    let after = page.after.as_deref().map(str::parse::<i64>).transpose();
    let after = after.map_err(|_| ApiError::client("InvalidToken", "Invalid Token: 'Invalid token'"))?;
    let mut events = if newest_first {
        newest(db, execution, after.unwrap_or(MAX_EVENTS + 1), page.fetch_limit())?
    } else {
        oldest(db, execution, after.unwrap_or(0), page.fetch_limit())?
    };
    let next = page.next_token(&mut events, |event| event.id.to_string());
    let mut events: Vec<Value> = events.iter().map(|event| event.to_wire(with_data)).collect();
    // The input of the execution is returned exactly as it was given.
    for event in &mut events {
        if let Some(shown) = event.pointer_mut("/executionStartedEventDetails/input") {
            *shown = input.as_str().into();
        }
    }
    Ok(match next {
        Some(next) => json!({ "events": events, "nextToken": next }),
        None => json!({ "events": events }),
    })
}

/// The first `most` events after `after`.
fn oldest(db: &Connection, execution: i64, after: i64, most: i64) -> Result<Vec<HistoryEvent>, ApiError> {
    let after = after.clamp(0, MAX_EVENTS);
    let mut query = db.prepare_cached(
        // Starts at the row that contains the next event.
        "SELECT place, timestamp, events FROM history
         WHERE place BETWEEN coalesce((SELECT max(place) FROM history WHERE place BETWEEN ?1 AND ?2), ?1) AND ?3
         ORDER BY place",
    )?;
    let mut rows =
        query.query((row_key(execution, 0), row_key(execution, after + 1), row_key(execution, MAX_EVENTS)))?;
    let most = usize::try_from(most).unwrap_or_default();
    let mut events = Vec::new();
    while events.len() < most
        && let Some(row) = rows.next()?
    {
        events.extend(events_of(row)?.into_iter().filter(|event| event.id > after));
    }
    events.truncate(most);
    Ok(events)
}

/// The last `most` events before `before`, newest first.
fn newest(db: &Connection, execution: i64, before: i64, most: i64) -> Result<Vec<HistoryEvent>, ApiError> {
    let before = before.clamp(1, MAX_EVENTS + 1);
    let mut query = db.prepare_cached(
        "SELECT place, timestamp, events FROM history WHERE place BETWEEN ?1 AND ?2 ORDER BY place DESC",
    )?;
    let mut rows = query.query((row_key(execution, 0), row_key(execution, before - 1)))?;
    let most = usize::try_from(most).unwrap_or_default();
    let mut events = Vec::new();
    while events.len() < most
        && let Some(row) = rows.next()?
    {
        events.extend(events_of(row)?.into_iter().rev().filter(|event| event.id < before));
    }
    events.truncate(most);
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stepfunctions::language::history_event::StateType;

    fn event(id: i64) -> HistoryEvent {
        let kind = EventKind::StateExited {
            state_type: StateType::Pass,
            name: format!("State {id}"),
            output: json!({ "seen": id, "text": "\"quoted\" ☕" }),
        };
        // Three events per millisecond, so that three share a row.
        HistoryEvent { id, previous_event_id: id - 1, timestamp: Timestamp((id - 1) / 3), kind }
    }

    fn load(db: &Connection, execution: i64) -> Result<Vec<HistoryEvent>, ApiError> {
        let mut events = Vec::new();
        for_each(db, execution, |event| {
            events.push(event);
            Ok(())
        })?;
        Ok(events)
    }

    fn of_the_first_version(executions: impl IntoIterator<Item = (i64, i64)>) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        crate::stepfunctions::service::migrations::migrate(&db).unwrap();
        for (execution, events) in executions {
            for event in (1..=events).map(event) {
                let text = serde_json::to_string(&event).unwrap();
                db.execute("INSERT INTO history VALUES (?1, ?2, ?3)", (execution, event.id, text)).unwrap();
            }
        }
        db
    }

    #[test]
    fn an_upgrade_keeps_every_event() {
        let db = of_the_first_version([(1, 11), (2, 1), (9, 40)]);
        batch_rows(&db).unwrap();
        for (execution, events) in [(1, 11), (2, 1), (9, 40), (3, 0)] {
            assert_eq!(load(&db, execution).unwrap(), (1..=events).map(event).collect::<Vec<_>>());
        }
        let rows: i64 = db.query_row("SELECT count(*) FROM history", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 4 + 1 + 14);
    }

    #[test]
    fn pages_of_any_size_have_no_gaps_in_both_directions() {
        let db = of_the_first_version([(6, 5), (7, 20), (8, 5)]);
        batch_rows(&db).unwrap();
        for size in 1..=21 {
            let (mut forward, mut backward) = (Vec::new(), Vec::new());
            while let page = oldest(&db, 7, forward.last().copied().unwrap_or(0), size).unwrap()
                && !page.is_empty()
            {
                assert!(page.len() == usize::try_from(size).unwrap() || page.last().unwrap().id == 20);
                forward.extend(page.iter().map(|event| event.id));
            }
            while let page = newest(&db, 7, backward.last().copied().unwrap_or(i64::MAX), size).unwrap()
                && !page.is_empty()
            {
                backward.extend(page.iter().map(|event| event.id));
            }
            assert_eq!(forward, (1..=20).collect::<Vec<_>>());
            assert_eq!(backward, (1..=20).rev().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_full_row_takes_no_further_event() {
        let db = of_the_first_version([]);
        batch_rows(&db).unwrap();
        let mut batch = EventBatch::default();
        let large = |id| HistoryEvent {
            kind: EventKind::ExecutionSucceeded { output: "x".repeat(MAX_ROW_BYTES).into() },
            timestamp: Timestamp(0),
            ..event(id)
        };
        for id in 1..=3 {
            batch.add(&db, 1, &large(id)).unwrap();
        }
        batch.write(&db, 1).unwrap();
        assert_eq!(load(&db, 1).unwrap(), [large(1), large(2), large(3)]);
        let rows: i64 = db.query_row("SELECT count(*) FROM history", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 3);
    }
}
