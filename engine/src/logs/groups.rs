//! Log groups: create, delete, and append.

use serde_json::Value;

use crate::{
    api::{
        context::{Context, Transaction},
        request,
    },
    clock::uuid,
    error::ApiError,
    logs::shapes,
};

/// The name of the group in its ARN, `arn:aws:logs:region:account:log-group:<name>`, with or without `:*` at the end.
pub(crate) fn group_of(arn: &str) -> &str {
    let name = arn.split_once(":log-group:").map_or(arn, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}

/// Writes a message as the only one of a new stream; a missing group is created.
pub(crate) fn append(tx: &Transaction<'_>, group: &str, message: &str) -> Result<(), ApiError> {
    let now = tx.now().millis();
    tx.db()
        .prepare_cached("INSERT OR IGNORE INTO log_groups (name, created) VALUES (?1, ?2)")?
        .execute((group, now))?;
    tx.db()
        .prepare_cached("INSERT INTO log_events (log_group, stream, timestamp, message) VALUES (?1, ?2, ?3, ?4)")?
        .execute((group, uuid(&*tx.context.rng), now, message))?;
    Ok(())
}

pub(super) fn create(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    shapes::validate(request, shapes::ONE_GROUP)?;
    for member in ["kmsKeyId", "tags", "logGroupClass", "deletionProtectionEnabled"] {
        if request.get(member).is_some_and(|value| !value.is_null()) {
            return Err(shapes::invalid(format!("The parameter {member} is not supported by this engine.")));
        }
    }
    let name = request::text(request, "logGroupName")?;
    let mut insert = tx.db().prepare_cached("INSERT OR IGNORE INTO log_groups (name, created) VALUES (?1, ?2)")?;
    if insert.execute((name, tx.now().millis()))? == 0 {
        let message = "The specified log group already exists";
        return Err(ApiError::client("ResourceAlreadyExistsException", message));
    }
    Ok(Value::Null)
}

pub(super) fn delete(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    shapes::validate(request, shapes::ONE_GROUP)?;
    let name = request::text(request, "logGroupName")?;
    if tx.db().prepare_cached("DELETE FROM log_groups WHERE name = ?1")?.execute([name])? == 0 {
        return Err(not_found("log group"));
    }
    tx.db().prepare_cached("DELETE FROM log_events WHERE log_group = ?1")?.execute([name])?;
    Ok(Value::Null)
}

pub(super) fn not_found(what: &str) -> ApiError {
    ApiError::client("ResourceNotFoundException", format!("The specified {what} does not exist."))
}

pub(super) fn group_arn(context: &Context, name: &str) -> String {
    context.arn("logs", format_args!("log-group:{name}"))
}
