//! The operations on state machines.

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value, json};

use crate::{
    api::{
        context::{Context, Transaction},
        page::Page,
        request,
        shape::validate,
    },
    clock::{Timestamp, uuid},
    error::ApiError,
    stepfunctions::service::{
        definitions,
        names::{arn_hash, check_execution_arn, check_name, execution_not_found, machine_name},
        shapes, tags,
    },
};

/// A state machine with its current revision.
struct Machine {
    arn: String,
    name: String,
    revision: String,
    configuration: String,
    created: Timestamp,
    definition: String,
    role_arn: String,
    is_initial: bool,
}

/// Members that are stored and returned, and have no other effect.
const STORED_MEMBERS: [&str; 3] = ["loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"];

/// The state machine with this ARN.
fn find(db: &Connection, arn: &str) -> Result<Machine, ApiError> {
    machine_name(arn)?;
    lookup(db, arn)?.ok_or_else(|| machine_not_found(arn))
}

/// The name and the current revision of the state machine with this ARN.
pub(super) fn current(db: &Connection, arn: &str) -> Result<(String, String), ApiError> {
    machine_name(arn)?;
    db.prepare_cached("SELECT name, revision FROM state_machines WHERE arn = ?1")?
        .query_row([arn], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(|| machine_not_found(arn))
}

fn machine_not_found(arn: &str) -> ApiError {
    ApiError::client("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{arn}'"))
}

fn lookup(db: &Connection, arn: &str) -> Result<Option<Machine>, ApiError> {
    let mut query = db.prepare_cached(
        "SELECT m.arn, m.name, m.revision, m.configuration, m.created, r.definition, r.role_arn, r.is_initial
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
            is_initial: row.get(7)?,
        })
    });
    Ok(machine.optional()?)
}

pub(super) fn create(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::CREATE_STATE_MACHINE)?;
    let (name, definition) = (request::text(request, "name")?, request::text(request, "definition")?);
    let role_arn = request::text(request, "roleArn")?;
    check_name(name)?;
    refuse_unsupported(request)?;
    definitions::check(definition)?;
    let arn = tx.context.arn("states", format_args!("stateMachine:{name}"));
    let configuration = stored_configuration(request);
    if let Some(existing) = lookup(tx.db(), &arn)? {
        // An equal request is answered like the first. As in AWS, another role makes no difference.
        if existing.definition == definition && existing.configuration == configuration {
            return Ok(json!({ "stateMachineArn": arn, "creationDate": existing.created.epoch_seconds() }));
        }
        let message = format!("State Machine Already Exists: '{arn}'");
        return Err(ApiError::client("StateMachineAlreadyExists", message));
    }
    let revision = add_revision(tx, &arn, definition, role_arn, true)?;
    tx.db()
        .prepare_cached(
            "INSERT INTO state_machines (arn, name, revision, configuration, created) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((&arn, name, revision, configuration, tx.now().millis()))?;
    tags::add(tx.db(), &arn, request)?;
    Ok(json!({ "stateMachineArn": arn, "creationDate": tx.now().epoch_seconds() }))
}

pub(super) fn update(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::UPDATE_STATE_MACHINE)?;
    let machine = find(tx.db(), request::text(request, "stateMachineArn")?)?;
    refuse_unsupported(request)?;
    let definition = request::optional_text(request, "definition")?;
    let role_arn = request::optional_text(request, "roleArn")?;
    if definition.is_none() && role_arn.is_none() && !STORED_MEMBERS.iter().any(|name| request.get(*name).is_some()) {
        let message = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration \
                       must be specified";
        return Err(ApiError::client("MissingRequiredParameter", message));
    }
    if let Some(definition) = definition {
        definitions::check(definition)?;
    }
    let definition = definition.unwrap_or(&machine.definition);
    let role_arn = role_arn.unwrap_or(&machine.role_arn);
    let mut configuration: Map<String, Value> = serde_json::from_str(&machine.configuration).unwrap_or_default();
    configuration.extend(stored_members(request));
    let configuration = Value::Object(configuration).to_string();
    let is_same =
        (definition, role_arn, &configuration) == (&machine.definition, &machine.role_arn, &machine.configuration);
    let updated = tx.now().epoch_seconds();
    if is_same && !machine.is_initial {
        return Ok(json!({ "updateDate": updated, "revisionId": machine.revision }));
    }
    let revision = add_revision(tx, &machine.arn, definition, role_arn, false)?;
    tx.db().prepare_cached("UPDATE state_machines SET revision = ?2, configuration = ?3 WHERE arn = ?1")?.execute((
        &machine.arn,
        &revision,
        configuration,
    ))?;
    Ok(json!({ "updateDate": updated, "revisionId": revision }))
}

/// Running executions keep the revision with which they started.
pub(super) fn delete(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::DELETE_STATE_MACHINE)?;
    let arn = request::text(request, "stateMachineArn")?;
    machine_name(arn)?;
    tags::delete_all(tx.db(), arn)?;
    // As in AWS, deleting a state machine that does not exist succeeds.
    tx.db().prepare_cached("DELETE FROM state_machines WHERE arn = ?1")?.execute([arn])?;
    Ok(Value::Null)
}

pub(super) fn describe(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::DESCRIBE_STATE_MACHINE)?;
    let machine = find(db, request::text(request, "stateMachineArn")?)?;
    let mut answer = json!({
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "status": "ACTIVE",
        "definition": definition_for_response(request, machine.definition)?,
        "roleArn": machine.role_arn,
        "type": "STANDARD",
        "creationDate": machine.created.epoch_seconds(),
    });
    if let (Value::Object(members), false) = (&mut answer, machine.is_initial) {
        members.insert("revisionId".to_owned(), machine.revision.into());
    }
    add_configuration(&mut answer, &machine.configuration);
    Ok(answer)
}

pub(super) fn describe_for_execution(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::DESCRIBE_EXECUTION)?;
    let arn = request::text(request, "executionArn")?;
    check_execution_arn(arn)?;
    let found = db
        .prepare_cached(
            "SELECT r.machine_arn, r.definition, r.role_arn, r.updated, r.id, r.is_initial, m.configuration
             FROM executions e JOIN machine_revisions r ON r.id = e.revision
             LEFT JOIN state_machines m ON m.arn = r.machine_arn WHERE e.arn_hash = ?1 AND e.arn = ?2",
        )?
        .query_row((arn_hash(arn), arn), |row| {
            let machine: String = row.get(0)?;
            let answer = json!({
                "name": machine.rsplit(':').next(),
                "stateMachineArn": machine,
                "roleArn": row.get::<_, String>(2)?,
                "updateDate": Timestamp(row.get(3)?).epoch_seconds(),
            });
            let revision = (!row.get::<_, bool>(5)?).then(|| row.get::<_, String>(4)).transpose()?;
            Ok((answer, row.get::<_, String>(1)?, revision, row.get::<_, Option<String>>(6)?))
        })
        .optional()?;
    let (mut answer, definition, revision, configuration) = found.ok_or_else(|| execution_not_found(arn))?;
    if let Value::Object(members) = &mut answer {
        members.insert("definition".to_owned(), definition_for_response(request, definition)?.into());
        members.extend(revision.map(|revision| ("revisionId".to_owned(), revision.into())));
    }
    add_configuration(&mut answer, &configuration.unwrap_or_default());
    Ok(answer)
}

/// The definition, or AWS's placeholder if only metadata was requested.
fn definition_for_response(request: &Value, definition: String) -> Result<String, ApiError> {
    let metadata_only = request::optional_text(request, "includedData")? == Some("METADATA_ONLY");
    Ok(if metadata_only { "{}".to_owned() } else { definition })
}

pub(super) fn list(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::LIST_STATE_MACHINES)?;
    let page = Page::parse(request, "maxResults", "nextToken", 100, 1000)?;
    let mut query =
        db.prepare_cached("SELECT arn, name, created FROM state_machines WHERE arn > ?1 ORDER BY arn LIMIT ?2")?;
    let rows = query.query_map((page.after.as_deref().unwrap_or_default(), page.fetch_limit()), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, Timestamp(row.get(2)?)))
    })?;
    let mut machines = rows.collect::<Result<Vec<_>, _>>()?;
    let next = page.next_token(&mut machines, |(arn, _, _)| arn.clone());
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

fn add_revision(
    tx: &Transaction<'_>,
    machine: &str,
    definition: &str,
    role_arn: &str,
    is_initial: bool,
) -> Result<String, ApiError> {
    let id = uuid(&*tx.context.rng);
    tx.db()
        .prepare_cached(
            "INSERT INTO machine_revisions (id, machine_arn, definition, role_arn, updated, is_initial)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((&id, machine, definition, role_arn, tx.now().millis(), is_initial))?;
    Ok(id)
}

/// Refuses unsupported features by name instead of ignoring them.
fn refuse_unsupported(request: &Value) -> Result<(), ApiError> {
    definitions::refuse_express(request)?;
    let publishes = request::optional_bool(request, "publish")? == Some(true);
    if publishes {
        return Err(ApiError::validation("This engine keeps no versions of state machines; publish is not supported."));
    }
    if request::optional_text(request, "versionDescription")?.is_some() {
        return Err(ApiError::validation("Version description can only be set when publish is true"));
    }
    if request.pointer("/encryptionConfiguration/type").and_then(Value::as_str) == Some("CUSTOMER_MANAGED_KMS_KEY") {
        let message = "This engine has no keys of customers; only AWS_OWNED_KEY is supported.";
        return Err(ApiError::client("InvalidEncryptionConfiguration", message));
    }
    check_logging(request)
}

/// A level other than OFF needs a log group as destination.
fn check_logging(request: &Value) -> Result<(), ApiError> {
    let level = request.pointer("/loggingConfiguration/level").and_then(Value::as_str).unwrap_or("OFF");
    let destinations = request.pointer("/loggingConfiguration/destinations").and_then(Value::as_array);
    let count = destinations.map_or(0, Vec::len);
    if count > 1 || (count == 0 && level != "OFF") {
        let message = "Invalid Logging Configuration: Must specify exactly one Log Destination.";
        return Err(ApiError::client("InvalidLoggingConfiguration", message));
    }
    Ok(())
}

fn stored_members(request: &Value) -> impl Iterator<Item = (String, Value)> {
    STORED_MEMBERS.iter().filter_map(|name| Some(((*name).to_owned(), request.get(*name)?.clone())))
}

fn stored_configuration(request: &Value) -> String {
    Value::Object(stored_members(request).collect()).to_string()
}

/// Adds the stored members, and AWS's defaults for the others.
fn add_configuration(answer: &mut Value, configuration: &str) {
    let Value::Object(members) = answer else { return };
    members.insert("loggingConfiguration".to_owned(), json!({ "level": "OFF", "includeExecutionData": false }));
    members.insert("tracingConfiguration".to_owned(), json!({ "enabled": false }));
    let stored_configuration: Map<String, Value> = serde_json::from_str(configuration).unwrap_or_default();
    for (name, value) in stored_configuration {
        match (members.get_mut(&name), value) {
            (Some(Value::Object(defaults)), Value::Object(given)) => defaults.extend(given),
            (_, value) => {
                members.insert(name, value);
            }
        }
    }
}
