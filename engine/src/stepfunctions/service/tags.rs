//! Tags of state machines.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    api::{
        context::{Context, Transaction},
        request,
        shape::validate,
    },
    error::ApiError,
    stepfunctions::service::{
        names::{ResourceKind, kind_of},
        shapes,
    },
};

/// AWS's limit on the number of tags of one resource.
const MAX_TAGS: i64 = 50;

pub(super) fn tag(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::TAG_RESOURCE)?;
    let arn = request::text(request, "resourceArn")?;
    find(tx.db(), arn)?;
    add(tx.db(), arn, request)?;
    Ok(Value::Null)
}

pub(super) fn untag(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::UNTAG_RESOURCE)?;
    let arn = request::text(request, "resourceArn")?;
    find(tx.db(), arn)?;
    let mut delete = tx.db().prepare_cached("DELETE FROM tags WHERE resource = ?1 AND key = ?2")?;
    for key in request.get("tagKeys").and_then(Value::as_array).into_iter().flatten() {
        delete.execute((arn, key.as_str()))?;
    }
    Ok(Value::Null)
}

pub(super) fn list(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::LIST_TAGS_FOR_RESOURCE)?;
    let arn = request::text(request, "resourceArn")?;
    find(db, arn)?;
    let mut query = db.prepare_cached("SELECT key, value FROM tags WHERE resource = ?1 ORDER BY key")?;
    let tags = query
        .query_map([arn], |row| Ok(json!({ "key": row.get::<_, String>(0)?, "value": row.get::<_, String>(1)? })))?;
    Ok(json!({ "tags": tags.collect::<Result<Vec<_>, _>>()? }))
}

/// Adds the member `tags` of a request to the tags of `arn`, replacing the values of existing keys.
pub(super) fn add(db: &Connection, arn: &str, request: &Value) -> Result<(), ApiError> {
    let mut insert = db.prepare_cached("INSERT OR REPLACE INTO tags (resource, key, value) VALUES (?1, ?2, ?3)")?;
    for tag in request.get("tags").and_then(Value::as_array).into_iter().flatten() {
        let value = request::optional_text(tag, "value")?.unwrap_or_default();
        insert.execute((arn, request::text(tag, "key")?, value))?;
    }
    let count: i64 =
        db.prepare_cached("SELECT count(*) FROM tags WHERE resource = ?1")?.query_row([arn], |row| row.get(0))?;
    if count > MAX_TAGS {
        let message = format!("A resource may have {MAX_TAGS} tags at most.");
        return Err(ApiError::client("TooManyTags", message).with("resourceName", arn.into()));
    }
    Ok(())
}

pub(super) fn delete_all(db: &Connection, arn: &str) -> Result<(), ApiError> {
    db.prepare_cached("DELETE FROM tags WHERE resource = ?1")?.execute([arn])?;
    Ok(())
}

/// Checks that the resource exists. Only state machines have tags here.
fn find(db: &Connection, arn: &str) -> Result<(), ApiError> {
    let missing = || {
        let message = format!("Resource not found: '{arn}'");
        ApiError::client("ResourceNotFound", message).with("resourceName", arn.into())
    };
    if kind_of(arn)? != ResourceKind::StateMachine {
        return Err(missing());
    }
    let found = db.prepare_cached("SELECT 1 FROM state_machines WHERE arn = ?1")?.exists([arn])?;
    if found { Ok(()) } else { Err(missing()) }
}
