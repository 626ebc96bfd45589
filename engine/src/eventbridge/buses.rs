//! Event buses.

use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Value, json};

use crate::{
    api::{
        context::{Context, Transaction},
        page::Page,
        request,
        shape::validate,
    },
    clock::Timestamp,
    error::ApiError,
    eventbridge::{shapes, tags},
};

/// The bus that every account has.
pub(super) const DEFAULT_BUS: &str = "default";

/// The name of the bus in a request, which has a name, an ARN or nothing.
pub(super) fn bus_name<'r>(request: &'r Value, member: &str) -> Result<&'r str, ApiError> {
    let given = request::optional_text(request, member)?.unwrap_or(DEFAULT_BUS);
    Ok(given.rsplit_once("event-bus/").map_or(given, |(_, name)| name))
}

pub(super) fn bus_arn(context: &Context, name: &str) -> String {
    context.arn("events", format_args!("event-bus/{name}"))
}

pub(super) fn exists(db: &Connection, name: &str) -> Result<bool, ApiError> {
    let mut query = db.prepare_cached("SELECT 1 FROM event_buses WHERE name = ?1")?;
    Ok(query.exists([name])?)
}

/// Returns an error if the bus does not exist.
pub(super) fn require_bus(db: &Connection, name: &str) -> Result<(), ApiError> {
    if exists(db, name)? { Ok(()) } else { Err(bus_not_found(name)) }
}

fn bus_not_found(name: &str) -> ApiError {
    ApiError::client("ResourceNotFoundException", format!("Event bus {name} does not exist."))
}

/// Refuses members that AWS supports and this engine does not.
pub(super) fn refuse_members(request: &Value, members: &[&str]) -> Result<(), ApiError> {
    match members.iter().find(|name| request.get(**name).is_some_and(|value| !value.is_null())) {
        Some(name) => Err(ApiError::validation(format!("Parameter {name} is not supported by this engine."))),
        None => Ok(()),
    }
}

pub(super) fn create(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::CREATE_EVENT_BUS)?;
    refuse_members(request, &["EventSourceName", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"])?;
    let name = request::text(request, "Name")?;
    if name.contains('/') {
        return Err(ApiError::validation("The name of a custom event bus must not contain '/'."));
    }
    if exists(tx.db(), name)? {
        let message = format!("Event bus {name} already exists.");
        return Err(ApiError::client("ResourceAlreadyExistsException", message));
    }
    let (arn, description) = (bus_arn(tx.context, name), request::optional_text(request, "Description")?);
    tx.db()
        .prepare_cached("INSERT INTO event_buses (name, description, created, modified) VALUES (?1, ?2, ?3, ?3)")?
        .execute((name, description, tx.now().millis()))?;
    tags::add(tx, &arn, request)?;
    let mut answer = json!({ "EventBusArn": arn });
    if let (Some(description), Some(members)) = (description, answer.as_object_mut()) {
        members.insert("Description".to_owned(), description.into());
    }
    Ok(answer)
}

pub(super) fn update(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::UPDATE_EVENT_BUS)?;
    refuse_members(request, &["KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"])?;
    let name = bus_name(request, "Name")?;
    require_bus(tx.db(), name)?;
    let description = request::optional_text(request, "Description")?;
    if let Some(description) = description {
        tx.db().prepare_cached("UPDATE event_buses SET description = ?2, modified = ?3 WHERE name = ?1")?.execute((
            name,
            description,
            tx.now().millis(),
        ))?;
    }
    let described = describe(tx.context, tx.db(), &json!({ "Name": name }))?;
    let members = described.as_object().into_iter().flatten();
    Ok(members
        .filter(|(name, _)| ["Arn", "Name", "Description"].contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect())
}

pub(super) fn delete(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::DELETE_EVENT_BUS)?;
    let name = request::text(request, "Name")?;
    if name == DEFAULT_BUS {
        return Err(ApiError::validation("Cannot delete event bus default."));
    }
    let has_rules = tx.db().prepare_cached("SELECT 1 FROM event_rules WHERE bus = ?1")?.exists([name])?;
    if has_rules {
        return Err(ApiError::validation(format!("Cannot delete event bus {name} since it has rules.")));
    }
    // As in AWS, deleting a bus that does not exist succeeds.
    tx.db().prepare_cached("DELETE FROM event_buses WHERE name = ?1")?.execute([name])?;
    tags::forget(tx, &bus_arn(tx.context, name))?;
    Ok(Value::Null)
}

pub(super) fn describe(context: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::DESCRIBE_EVENT_BUS)?;
    let name = bus_name(request, "Name")?;
    db.prepare_cached("SELECT name, description, created, modified FROM event_buses WHERE name = ?1")?
        .query_row([name], |row| to_json(context, row))
        .optional()?
        .ok_or_else(|| bus_not_found(name))
}

pub(super) fn list(context: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::LIST_EVENT_BUSES)?;
    let page = Page::parse(request, "Limit", "NextToken", 100, 100)?;
    let prefix = request::optional_text(request, "NamePrefix")?.unwrap_or_default();
    let mut query = db.prepare_cached(
        "SELECT name, description, created, modified FROM event_buses
         WHERE name > ?1 AND substr(name, 1, length(?2)) = ?2 ORDER BY name LIMIT ?3",
    )?;
    let rows = query.query_map((page.after.as_deref().unwrap_or_default(), prefix, page.fetch_limit()), |row| {
        to_json(context, row)
    })?;
    let mut buses = rows.collect::<Result<Vec<_>, _>>()?;
    let next =
        page.next_token(&mut buses, |bus| bus.get("Name").and_then(Value::as_str).unwrap_or_default().to_owned());
    Ok(with_next_token(json!({ "EventBuses": buses }), next))
}

fn to_json(context: &Context, row: &Row<'_>) -> rusqlite::Result<Value> {
    let (name, description): (String, Option<String>) = (row.get(0)?, row.get(1)?);
    let (created, modified) = (Timestamp(row.get(2)?).epoch_seconds(), Timestamp(row.get(3)?).epoch_seconds());
    let mut bus =
        json!({ "Name": name, "Arn": bus_arn(context, &name), "CreationTime": created, "LastModifiedTime": modified });
    if let (Some(description), Some(members)) = (description, bus.as_object_mut()) {
        members.insert("Description".to_owned(), description.into());
    }
    Ok(bus)
}

/// Adds `NextToken` if there is a next page.
pub(super) fn with_next_token(mut answer: Value, next: Option<String>) -> Value {
    if let (Some(next), Some(members)) = (next, answer.as_object_mut()) {
        members.insert("NextToken".to_owned(), next.into());
    }
    answer
}
