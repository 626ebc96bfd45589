//! CloudWatch Logs, as far as rules write to log groups.

use rusqlite::Connection;

use crate::{
    clock::uuid,
    cloud::{Operation, Scope},
    error::ApiError,
};

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

/// The name of the group in its ARN, `arn:aws:logs:region:account:log-group:<name>` with or without `:*` behind it.
pub(crate) fn group_of(arn: &str) -> &str {
    let name = arn.split_once(":log-group:").map_or(arn, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}

/// Writes a message as the only one of a new stream, as EventBridge does.
pub(crate) fn append(scope: &Scope<'_>, group: &str, message: &str) -> Result<(), ApiError> {
    scope
        .db()
        .prepare_cached("INSERT INTO log_events (log_group, stream, timestamp, message) VALUES (?1, ?2, ?3, ?4)")?
        .execute((group, uuid(&*scope.site.rng), scope.now().millis(), message))?;
    Ok(())
}

/// The operation of that name; there is none that can be called yet.
pub(crate) fn operation(_name: &str) -> Option<Operation> {
    None
}
