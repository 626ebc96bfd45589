//! CloudWatch Logs, as far as rules write to log groups.

use rusqlite::Connection;

use crate::{cloud::Operation, error::ApiError};

/// Makes the tables of this service.
pub(crate) fn migrate(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE TABLE log_events (
             id INTEGER PRIMARY KEY,
             log_group TEXT NOT NULL,
             stream TEXT NOT NULL,
             timestamp INTEGER NOT NULL,
             message TEXT NOT NULL
         ) STRICT;
         CREATE INDEX log_events_by_stream ON log_events (log_group, stream, timestamp, id);",
    )?;
    Ok(())
}

/// The operation of that name; the read calls come with the third issue.
pub(crate) fn operation(_name: &str) -> Option<Operation> {
    None
}
