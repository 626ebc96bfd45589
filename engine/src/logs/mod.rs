//! CloudWatch Logs, as far as rules write to log groups and people read them.
//!
//! A rule's event becomes the only message of a stream of its own, as EventBridge does it.

mod filter;
mod shapes;
mod read;
mod search;

use rusqlite::Connection;
use serde_json::Value;

use crate::{
    api::request,
    clock::uuid,
    cloud::{Operation, Scope, Site},
    error::ApiError,
};

/// Makes the tables of this service.
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

/// The operation of that name.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    use Operation::{Read, Write};
    Some(match name {
        "CreateLogGroup" => Write(create),
        "DeleteLogGroup" => Write(delete),
        "DescribeLogGroups" => Read(read::groups),
        "DescribeLogStreams" => Read(read::streams),
        "GetLogEvents" => Read(read::events),
        "FilterLogEvents" => Read(search::filter),
        _ => return None,
    })
}

/// The name of the group in its ARN, `arn:aws:logs:region:account:log-group:<name>` with or without `:*` behind it.
pub(crate) fn group_of(arn: &str) -> &str {
    let name = arn.split_once(":log-group:").map_or(arn, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}

/// Writes a message as the only one of a new stream. A group that is not there is made.
pub(crate) fn append(scope: &Scope<'_>, group: &str, message: &str) -> Result<(), ApiError> {
    let now = scope.now().millis();
    scope
        .db()
        .prepare_cached("INSERT OR IGNORE INTO log_groups (name, created) VALUES (?1, ?2)")?
        .execute((group, now))?;
    scope
        .db()
        .prepare_cached("INSERT INTO log_events (log_group, stream, timestamp, message) VALUES (?1, ?2, ?3, ?4)")?
        .execute((group, uuid(&*scope.site.rng), now, message))?;
    Ok(())
}

fn create(scope: &Scope<'_>, request: &Value) -> Result<Value, ApiError> {
    shapes::validate(request, shapes::ONE_GROUP)?;
    for member in ["kmsKeyId", "tags", "logGroupClass", "deletionProtectionEnabled"] {
        if request.get(member).is_some_and(|value| !value.is_null()) {
            return Err(shapes::invalid(format!("The parameter {member} is not supported by this engine.")));
        }
    }
    let name = request::text(request, "logGroupName")?;
    let mut insert = scope.db().prepare_cached("INSERT OR IGNORE INTO log_groups (name, created) VALUES (?1, ?2)")?;
    if insert.execute((name, scope.now().millis()))? == 0 {
        let message = "The specified log group already exists";
        return Err(ApiError::client("ResourceAlreadyExistsException", message));
    }
    Ok(Value::Null)
}

fn delete(scope: &Scope<'_>, request: &Value) -> Result<Value, ApiError> {
    shapes::validate(request, shapes::ONE_GROUP)?;
    let name = request::text(request, "logGroupName")?;
    if scope.db().prepare_cached("DELETE FROM log_groups WHERE name = ?1")?.execute([name])? == 0 {
        return Err(missing("log group"));
    }
    scope.db().prepare_cached("DELETE FROM log_events WHERE log_group = ?1")?.execute([name])?;
    Ok(Value::Null)
}

fn missing(what: &str) -> ApiError {
    ApiError::client("ResourceNotFoundException", format!("The specified {what} does not exist."))
}

fn group_arn(site: &Site, name: &str) -> String {
    site.arn("logs", format_args!("log-group:{name}"))
}
