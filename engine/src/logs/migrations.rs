//! The tables of this service.

use rusqlite::Connection;

use crate::error::ApiError;

/// Creates the tables.
pub(crate) fn migrate(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE TABLE log_groups (
             name TEXT PRIMARY KEY,
             created INTEGER NOT NULL
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE log_events (
             id INTEGER PRIMARY KEY,
             log_group TEXT NOT NULL,
             stream TEXT NOT NULL,
             timestamp INTEGER NOT NULL,
             message TEXT NOT NULL
         ) STRICT;
         CREATE INDEX log_events_by_stream ON log_events (log_group, stream, timestamp, id);
         CREATE INDEX log_events_by_time ON log_events (log_group, timestamp, id);",
    )?;
    Ok(())
}
