//! Rules: patterns that select events of a bus.

use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Map, Value, json};

use crate::{
    api::{
        context::{Context, Transaction},
        page::Page,
        request,
        shape::validate,
    },
    error::ApiError,
    eventbridge::{
        buses::{DEFAULT_BUS, bus_name, require_bus, with_next_token},
        pattern::Pattern,
        shapes, tags,
    },
};

/// `…:rule/<name>` on the default bus, `…:rule/<bus>/<name>` on any other.
pub(super) fn rule_arn(context: &Context, bus: &str, name: &str) -> String {
    if bus == DEFAULT_BUS {
        context.arn("events", format_args!("rule/{name}"))
    } else {
        context.arn("events", format_args!("rule/{bus}/{name}"))
    }
}

pub(super) fn rule_not_found(bus: &str, name: &str) -> ApiError {
    let message = format!("Rule {name} does not exist on EventBus {bus}.");
    ApiError::client("ResourceNotFoundException", message)
}

pub(super) fn require_rule(db: &Connection, bus: &str, name: &str) -> Result<(), ApiError> {
    require_bus(db, bus)?;
    if exists(db, bus, name)? { Ok(()) } else { Err(rule_not_found(bus, name)) }
}

fn exists(db: &Connection, bus: &str, name: &str) -> Result<bool, ApiError> {
    Ok(db.prepare_cached("SELECT 1 FROM event_rules WHERE bus = ?1 AND name = ?2")?.exists((bus, name))?)
}

pub(super) fn put(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::PUT_RULE)?;
    let (name, bus) = (request::text(request, "Name")?, bus_name(request, "EventBusName")?);
    require_bus(tx.db(), bus)?;
    if request::optional_text(request, "ScheduleExpression")?.is_some_and(|schedule| !schedule.is_empty()) {
        if bus != DEFAULT_BUS {
            return Err(ApiError::validation("ScheduleExpression is supported only on the default event bus."));
        }
        let message =
            "Parameter ScheduleExpression is not valid. Reason: this engine runs rules with an event pattern only.";
        return Err(ApiError::validation(message));
    }
    let pattern = request::optional_text(request, "EventPattern")?
        .ok_or_else(|| ApiError::validation("Parameter(s) EventPattern or ScheduleExpression must be specified."))?;
    Pattern::parse(pattern)?;
    let enabled = request::optional_text(request, "State")? != Some("DISABLED");
    let is_new = !exists(tx.db(), bus, name)?;
    let (description, role) =
        (request::optional_text(request, "Description")?, request::optional_text(request, "RoleArn")?);
    tx.db()
        .prepare_cached(
            "INSERT INTO event_rules (bus, name, pattern, enabled, description, role_arn)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (bus, name) DO UPDATE SET pattern = excluded.pattern, enabled = excluded.enabled,
                 description = excluded.description, role_arn = excluded.role_arn",
        )?
        .execute((bus, name, pattern, enabled, description, role))?;
    let arn = rule_arn(tx.context, bus, name);
    // AWS ignores the tags of an update.
    if is_new {
        tags::add(tx, &arn, request)?;
    }
    Ok(json!({ "RuleArn": arn }))
}

pub(super) fn delete(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::ONE_RULE)?;
    let (name, bus) = (request::text(request, "Name")?, bus_name(request, "EventBusName")?);
    require_bus(tx.db(), bus)?;
    let mut targets = tx.db().prepare_cached("SELECT 1 FROM event_targets WHERE bus = ?1 AND rule = ?2")?;
    if targets.exists((bus, name))? {
        return Err(ApiError::validation("Rule can't be deleted since it has targets."));
    }
    // As in AWS, deleting a rule that does not exist succeeds.
    tx.db().prepare_cached("DELETE FROM event_rules WHERE bus = ?1 AND name = ?2")?.execute((bus, name))?;
    tags::forget(tx, &rule_arn(tx.context, bus, name))?;
    Ok(Value::Null)
}

pub(super) fn enable(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    set_enabled(tx, request, true)
}

pub(super) fn disable(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    set_enabled(tx, request, false)
}

fn set_enabled(tx: &Transaction<'_>, request: &Value, enabled: bool) -> Result<Value, ApiError> {
    validate(request, shapes::ONE_RULE)?;
    let (name, bus) = (request::text(request, "Name")?, bus_name(request, "EventBusName")?);
    require_rule(tx.db(), bus, name)?;
    tx.db()
        .prepare_cached("UPDATE event_rules SET enabled = ?3 WHERE bus = ?1 AND name = ?2")?
        .execute((bus, name, enabled))?;
    Ok(Value::Null)
}

const COLUMNS: &str = "bus, name, pattern, enabled, description, role_arn";

pub(super) fn describe(context: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::ONE_RULE)?;
    let (name, bus) = (request::text(request, "Name")?, bus_name(request, "EventBusName")?);
    require_bus(db, bus)?;
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM event_rules WHERE bus = ?1 AND name = ?2"))?
        .query_row((bus, name), |row| {
            let mut rule = to_json(context, row)?;
            if let Some(members) = rule.as_object_mut() {
                members.insert("CreatedBy".to_owned(), context.account.id.as_str().into());
            }
            Ok(rule)
        })
        .optional()?
        .ok_or_else(|| rule_not_found(bus, name))
}

pub(super) fn list(context: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::LIST_RULES)?;
    let bus = bus_name(request, "EventBusName")?;
    require_bus(db, bus)?;
    let page = Page::parse(request, "Limit", "NextToken", 100, 100)?;
    let prefix = request::optional_text(request, "NamePrefix")?.unwrap_or_default();
    let mut query = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM event_rules
         WHERE bus = ?1 AND name > ?2 AND substr(name, 1, length(?3)) = ?3 ORDER BY name LIMIT ?4"
    ))?;
    let after = page.after.as_deref().unwrap_or_default();
    let rows = query.query_map((bus, after, prefix, page.fetch_limit()), |row| to_json(context, row))?;
    let mut rules = rows.collect::<Result<Vec<_>, _>>()?;
    let next =
        page.next_token(&mut rules, |rule| rule.get("Name").and_then(Value::as_str).unwrap_or_default().to_owned());
    Ok(with_next_token(json!({ "Rules": rules }), next))
}

pub(super) fn list_by_target(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::LIST_RULE_NAMES_BY_TARGET)?;
    let (arn, bus) = (request::text(request, "TargetArn")?, bus_name(request, "EventBusName")?);
    require_bus(db, bus)?;
    let page = Page::parse(request, "Limit", "NextToken", 100, 100)?;
    let mut query = db.prepare_cached(
        "SELECT DISTINCT rule FROM event_targets WHERE bus = ?1 AND arn = ?2 AND rule > ?3 ORDER BY rule LIMIT ?4",
    )?;
    let after = page.after.as_deref().unwrap_or_default();
    let rows = query.query_map((bus, arn, after, page.fetch_limit()), |row| row.get::<_, String>(0))?;
    let mut names = rows.collect::<Result<Vec<_>, _>>()?;
    let next = page.next_token(&mut names, String::clone);
    Ok(with_next_token(json!({ "RuleNames": names }), next))
}

fn to_json(context: &Context, row: &Row<'_>) -> rusqlite::Result<Value> {
    let (bus, name, pattern): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let state = if row.get(3)? { "ENABLED" } else { "DISABLED" };
    let mut rule = Map::new();
    let mut put = |member: &str, value: String| rule.insert(member.to_owned(), value.into());
    put("Arn", rule_arn(context, &bus, &name));
    put("Name", name);
    put("EventPattern", pattern);
    put("State", state.to_owned());
    put("EventBusName", bus);
    if let Some(description) = row.get::<_, Option<String>>(4)? {
        put("Description", description);
    }
    if let Some(role) = row.get::<_, Option<String>>(5)? {
        put("RoleArn", role);
    }
    Ok(Value::Object(rule))
}
