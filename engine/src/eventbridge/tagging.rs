//! TagResource, UntagResource and ListTagsForResource.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    api::{
        context::{Context, Transaction},
        request,
        shape::validate,
    },
    error::ApiError,
    eventbridge::{
        buses::{self, DEFAULT_BUS, bus_arn},
        rules::{self, rule_arn},
        shapes, tags,
    },
};

pub(super) fn tag(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::TAG_RESOURCE)?;
    let arn = resource(tx.context, tx.db(), request)?;
    tags::add(tx, &arn, request)?;
    Ok(json!({}))
}

pub(super) fn untag(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::UNTAG_RESOURCE)?;
    let arn = resource(tx.context, tx.db(), request)?;
    for key in request.get("TagKeys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        tx.db().prepare_cached("DELETE FROM event_tags WHERE arn = ?1 AND key = ?2")?.execute((&arn, key))?;
    }
    Ok(json!({}))
}

pub(super) fn list(context: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::LIST_TAGS_FOR_RESOURCE)?;
    let arn = resource(context, db, request)?;
    let mut query = db.prepare_cached("SELECT key, value FROM event_tags WHERE arn = ?1 ORDER BY key")?;
    let tags = query
        .query_map([arn], |row| Ok(json!({ "Key": row.get::<_, String>(0)?, "Value": row.get::<_, String>(1)? })))?;
    Ok(json!({ "Tags": tags.collect::<Result<Vec<_>, _>>()? }))
}

/// The ARN of the existing bus or rule that the request names.
fn resource(context: &Context, db: &Connection, request: &Value) -> Result<String, ApiError> {
    let given = request::text(request, "ResourceARN")?;
    if let Some((_, bus)) = given.split_once(":event-bus/") {
        buses::require_bus(db, bus)?;
        return Ok(bus_arn(context, bus));
    }
    let Some((_, rule)) = given.split_once(":rule/") else {
        let message = format!("Parameter {given} is not valid. Reason: Provided Arn is not in correct format.");
        return Err(ApiError::validation(message));
    };
    let (bus, rule) = rule.rsplit_once('/').unwrap_or((DEFAULT_BUS, rule));
    rules::require_rule(db, bus, rule)?;
    Ok(rule_arn(context, bus, rule))
}
