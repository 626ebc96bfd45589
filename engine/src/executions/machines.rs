//! State machines: create, update, delete, describe, list.

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value, json};

use crate::{
    clock::{Timestamp, uuid},
    cloud::{Scope, Site},
    error::ApiError,
    executions::{
        definitions,
        describe::execution_missing,
        names::{check_execution_arn, check_name, machine_name},
    },
    request::{self, Page},
};

/// A state machine at its current revision.
struct Machine {
    arn: String,
    name: String,
    revision: String,
    configuration: String,
    created: Timestamp,
    definition: String,
    role_arn: String,
}

/// Members that are kept and given back, and otherwise without effect here.
const KEPT: [&str; 3] = ["loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"];

/// The machine that `arn` names.
fn find(db: &Connection, arn: &str) -> Result<Machine, ApiError> {
    machine_name(arn)?;
    lookup(db, arn)?.ok_or_else(|| missing(arn))
}

/// The name and the current revision of the machine that `arn` names.
pub(super) fn current(db: &Connection, arn: &str) -> Result<(String, String), ApiError> {
    machine_name(arn)?;
    db.prepare_cached("SELECT name, revision FROM state_machines WHERE arn = ?1")?
        .query_row([arn], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(|| missing(arn))
}

fn missing(arn: &str) -> ApiError {
    ApiError::client("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{arn}'"))
}

fn lookup(db: &Connection, arn: &str) -> Result<Option<Machine>, ApiError> {
    let mut query = db.prepare_cached(
        "SELECT m.arn, m.name, m.revision, m.configuration, m.created, r.definition, r.role_arn
         FROM state_machines m JOIN machine_revisions r ON r.id = m.revision WHERE m.arn = ?1",
    )?;
    let machine = query.query_row([arn], |row| {
        Ok(Machine {
            arn: row.get(0)?,
            name: row.get(1)?,
            revision: row.get(2)?,
            configuration: row.get(3)?,
            created: Timestamp(row.get(4)?),
            definition: row.get(5)?,
            role_arn: row.get(6)?,
        })
    });
    Ok(machine.optional()?)
}

pub(super) fn create(scope: &Scope<'_>, request: &Value) -> Result<Value, ApiError> {
    let (name, definition) = (request::text(request, "name")?, request::text(request, "definition")?);
    let role_arn = request::text(request, "roleArn")?;
    check_name(name)?;
    refuse_unsupported(request)?;
    definitions::check(definition)?;
    let arn = scope.site.arn("states", format_args!("stateMachine:{name}"));
    let configuration = kept(request);
    if let Some(existing) = lookup(scope.db(), &arn)? {
        // The same request again is answered as the first was; another role alone makes no difference to AWS.
        if existing.definition == definition && existing.configuration == configuration {
            return Ok(json!({ "stateMachineArn": arn, "creationDate": existing.created.epoch_seconds() }));
        }
        let message = format!("State Machine Already Exists: '{arn}'");
        return Err(ApiError::client("StateMachineAlreadyExists", message));
    }
    let revision = add_revision(scope, &arn, definition, role_arn)?;
    scope
        .db()
        .prepare_cached(
            "INSERT INTO state_machines (arn, name, revision, configuration, created) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((&arn, name, revision, configuration, scope.now().millis()))?;
    Ok(json!({ "stateMachineArn": arn, "creationDate": scope.now().epoch_seconds() }))
}

pub(super) fn update(scope: &Scope<'_>, request: &Value) -> Result<Value, ApiError> {
    let machine = find(scope.db(), request::text(request, "stateMachineArn")?)?;
    refuse_unsupported(request)?;
    let definition = request::optional_text(request, "definition")?;
    let role_arn = request::optional_text(request, "roleArn")?;
    if definition.is_none() && role_arn.is_none() && !KEPT.iter().any(|name| request.get(*name).is_some()) {
        let message = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration \
                       must be specified";
        return Err(ApiError::client("MissingRequiredParameter", message));
    }
    if let Some(definition) = definition {
        definitions::check(definition)?;
    }
    let definition = definition.unwrap_or(&machine.definition);
    let revision = add_revision(scope, &machine.arn, definition, role_arn.unwrap_or(&machine.role_arn))?;
    let mut configuration: Map<String, Value> = serde_json::from_str(&machine.configuration).unwrap_or_default();
    configuration.extend(kept_members(request));
    scope
        .db()
        .prepare_cached("UPDATE state_machines SET revision = ?2, configuration = ?3 WHERE arn = ?1")?
        .execute((&machine.arn, &revision, Value::Object(configuration).to_string()))?;
    Ok(json!({ "updateDate": scope.now().epoch_seconds(), "revisionId": revision }))
}

/// Executions that run go on with the revision they began with.
pub(super) fn delete(scope: &Scope<'_>, request: &Value) -> Result<Value, ApiError> {
    let arn = request::text(request, "stateMachineArn")?;
    machine_name(arn)?;
    // Deleting what is not there succeeds, as in AWS.
    scope.db().prepare_cached("DELETE FROM state_machines WHERE arn = ?1")?.execute([arn])?;
    Ok(Value::Null)
}

pub(super) fn describe(_: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    let machine = find(db, request::text(request, "stateMachineArn")?)?;
    let mut answer = json!({
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "status": "ACTIVE",
        "definition": machine.definition,
        "roleArn": machine.role_arn,
        "type": "STANDARD",
        "creationDate": machine.created.epoch_seconds(),
        "revisionId": machine.revision,
    });
    give_back(&mut answer, &machine.configuration);
    Ok(answer)
}

pub(super) fn describe_for_execution(_: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    let arn = request::text(request, "executionArn")?;
    check_execution_arn(arn)?;
    db.prepare_cached(
        "SELECT r.machine_arn, r.definition, r.role_arn, r.updated, r.id
         FROM executions e JOIN machine_revisions r ON r.id = e.revision WHERE e.arn = ?1",
    )?
    .query_row([arn], |row| {
        let machine: String = row.get(0)?;
        Ok(json!({
            "name": machine.rsplit(':').next(),
            "stateMachineArn": machine,
            "definition": row.get::<_, String>(1)?,
            "roleArn": row.get::<_, String>(2)?,
            "updateDate": Timestamp(row.get(3)?).epoch_seconds(),
            "revisionId": row.get::<_, String>(4)?,
        }))
    })
    .optional()?
    .ok_or_else(|| execution_missing(arn))
}

pub(super) fn list(_: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    let page = Page::of(request, "maxResults", "nextToken", 100, 1000)?;
    let mut query =
        db.prepare_cached("SELECT arn, name, created FROM state_machines WHERE arn > ?1 ORDER BY arn LIMIT ?2")?;
    let rows = query.query_map((page.after.as_deref().unwrap_or_default(), page.reach()), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, Timestamp(row.get(2)?)))
    })?;
    let mut machines = rows.collect::<Result<Vec<_>, _>>()?;
    let next = page.cut(&mut machines, |(arn, _, _)| arn.clone());
    let machines: Vec<Value> = machines
        .into_iter()
        .map(|(arn, name, created)| {
            json!({ "stateMachineArn": arn, "name": name, "type": "STANDARD", "creationDate": created.epoch_seconds() })
        })
        .collect();
    Ok(match next {
        Some(next) => json!({ "stateMachines": machines, "nextToken": next }),
        None => json!({ "stateMachines": machines }),
    })
}

fn add_revision(scope: &Scope<'_>, machine: &str, definition: &str, role_arn: &str) -> Result<String, ApiError> {
    let id = uuid(&*scope.site.rng);
    scope
        .db()
        .prepare_cached(
            "INSERT INTO machine_revisions (id, machine_arn, definition, role_arn, updated) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((&id, machine, definition, role_arn, scope.now().millis()))?;
    Ok(id)
}

/// What this engine does not do is refused by name, rather than taken and not done.
fn refuse_unsupported(request: &Value) -> Result<(), ApiError> {
    if request::optional_text(request, "type")?.is_some_and(|kind| kind != "STANDARD") {
        return Err(ApiError::validation("This engine runs STANDARD state machines only; EXPRESS is not supported."));
    }
    if request::optional_bool(request, "publish")? == Some(true) {
        return Err(ApiError::validation("This engine keeps no versions of state machines; publish is not supported."));
    }
    Ok(())
}

fn kept_members(request: &Value) -> impl Iterator<Item = (String, Value)> {
    KEPT.iter().filter_map(|name| Some(((*name).to_owned(), request.get(*name)?.clone())))
}

fn kept(request: &Value) -> String {
    Value::Object(kept_members(request).collect()).to_string()
}

fn give_back(answer: &mut Value, configuration: &str) {
    if let (Some(members), Ok(kept)) =
        (answer.as_object_mut(), serde_json::from_str::<Map<String, Value>>(configuration))
    {
        members.extend(kept);
    }
}
