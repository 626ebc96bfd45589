//! Tags of buses and rules.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    api::{
        request,
        shape::validate,
    },
    cloud::{Scope, Site},
    error::ApiError,
    eventbridge::{
        buses::{self, DEFAULT_BUS, bus_arn},
        shapes,
        rules::{self, rule_arn},
    },
};

/// Makes the table of this part of the service.
pub(crate) fn migrate(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE TABLE event_tags (
             arn TEXT NOT NULL,
             key TEXT NOT NULL,
             value TEXT NOT NULL,
             PRIMARY KEY (arn, key)
         ) STRICT, WITHOUT ROWID;",
    )?;
    Ok(())
}

/// Adds the member `Tags` of a request, if it is there, to the resource.
pub(super) fn add(scope: &Scope<'_>, arn: &str, request: &Value) -> Result<(), ApiError> {
    for tag in request.get("Tags").and_then(Value::as_array).into_iter().flatten() {
        scope
            .db()
            .prepare_cached("INSERT OR REPLACE INTO event_tags (arn, key, value) VALUES (?1, ?2, ?3)")?
            .execute((arn, request::text(tag, "Key")?, request::optional_text(tag, "Value")?.unwrap_or_default()))?;
    }
    Ok(())
}

/// Removes all tags of a resource that goes.
pub(super) fn forget(scope: &Scope<'_>, arn: &str) -> Result<(), ApiError> {
    scope.db().prepare_cached("DELETE FROM event_tags WHERE arn = ?1")?.execute([arn])?;
    Ok(())
}

pub(super) fn tag(scope: &Scope<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::TAG_RESOURCE)?;
    let arn = resource(scope.site, scope.db(), request)?;
    add(scope, &arn, request)?;
    Ok(json!({}))
}

pub(super) fn untag(scope: &Scope<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::UNTAG_RESOURCE)?;
    let arn = resource(scope.site, scope.db(), request)?;
    for key in request.get("TagKeys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        scope.db().prepare_cached("DELETE FROM event_tags WHERE arn = ?1 AND key = ?2")?.execute((&arn, key))?;
    }
    Ok(json!({}))
}

pub(super) fn list(site: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::LIST_TAGS_FOR_RESOURCE)?;
    let arn = resource(site, db, request)?;
    let mut query = db.prepare_cached("SELECT key, value FROM event_tags WHERE arn = ?1 ORDER BY key")?;
    let tags = query
        .query_map([arn], |row| Ok(json!({ "Key": row.get::<_, String>(0)?, "Value": row.get::<_, String>(1)? })))?;
    Ok(json!({ "Tags": tags.collect::<Result<Vec<_>, _>>()? }))
}

/// The ARN of a bus or a rule that is there.
fn resource(site: &Site, db: &Connection, request: &Value) -> Result<String, ApiError> {
    let given = request::text(request, "ResourceARN")?;
    if let Some((_, bus)) = given.split_once(":event-bus/") {
        buses::must_exist(db, bus)?;
        return Ok(bus_arn(site, bus));
    }
    let Some((_, rule)) = given.split_once(":rule/") else {
        let message = format!("Parameter {given} is not valid. Reason: Provided Arn is not in correct format.");
        return Err(ApiError::validation(message));
    };
    let (bus, rule) = rule.rsplit_once('/').unwrap_or((DEFAULT_BUS, rule));
    rules::must_be_known(db, bus, rule)?;
    Ok(rule_arn(site, bus, rule))
}
