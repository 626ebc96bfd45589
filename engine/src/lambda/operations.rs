//! The operations of Lambda.

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value, json};

use crate::{
    api::{context::Transaction, request},
    clock::Timestamp,
    cloud::Cloud,
    error::ApiError,
    lambda::{
        api_error::{already_exists, conflict, function_not_found, invalid, not_found},
        configuration::{self, Configuration},
        invocation,
        names::validate_name,
        permissions,
        registry::TIME_LIMIT,
    },
};

/// Runs an operation. The request contains the members of the path, the query, the headers and the body.
pub(crate) async fn handle(cloud: &Cloud, operation: &str, request: Value) -> Result<Value, ApiError> {
    let name = match operation {
        "ListFunctions" => return list(cloud, request).await,
        _ => {
            let qualifier = request::optional_text(&request, "Qualifier")?;
            validate_name(&cloud.context, request::text(&request, "FunctionName")?, qualifier)?.to_owned()
        }
    };
    if let Some(at) = cloud.functions.registered().get(&name).copied() {
        return handle_registered(cloud, operation, &name, at, request).await;
    }
    match operation {
        "CreateFunction" => cloud.transact(move |tx| create(tx, &name, &request)).await,
        "GetFunction" => {
            let arn = arn(cloud, &name);
            let found = cloud.store.read(move |db| read(db, &name)).await?;
            let (described, tags) = found.ok_or_else(|| not_found(format!("Function not found: {arn}")))?;
            let mut answer = json!({ "Configuration": described, "Code": {} });
            if let (Some(members), Some(tags)) = (answer.as_object_mut(), tags.filter(|tags| !tags.is_empty())) {
                members.insert("Tags".to_owned(), tags.into());
            }
            Ok(answer)
        }
        "GetFunctionConfiguration" => {
            let arn = arn(cloud, &name);
            let found = cloud.store.read(move |db| read(db, &name)).await?;
            found.map(|(described, _)| described.into()).ok_or_else(|| not_found(format!("Function not found: {arn}")))
        }
        "UpdateFunctionConfiguration" => cloud.transact(move |tx| update(tx, &name, &request)).await,
        "DeleteFunction" => cloud.transact(move |tx| delete(tx, &name)).await,
        "Invoke" => invocation::invoke(cloud, name, request).await,
        "AddPermission" => cloud.transact(move |tx| permissions::add(tx, &name, &request)).await,
        "RemovePermission" => cloud.transact(move |tx| permissions::remove(tx, &name, &request)).await,
        "GetPolicy" => cloud.transact(move |tx| permissions::policy(tx, &name)).await,
        _ => Err(invalid(format!("There is no operation {operation}."))),
    }
}

/// Operations on a handler in this process: it can be described and invoked.
async fn handle_registered(
    cloud: &Cloud,
    operation: &str,
    name: &str,
    at: Timestamp,
    request: Value,
) -> Result<Value, ApiError> {
    match operation {
        "GetFunction" => Ok(json!({ "Configuration": describe_handler(cloud, name, at) })),
        "GetFunctionConfiguration" => Ok(describe_handler(cloud, name, at)),
        "Invoke" => invocation::invoke(cloud, name.to_owned(), request).await,
        "CreateFunction" => Err(already_exists(name)),
        _ => Err(conflict(format!("The function {name} is part of the program that runs this engine."))),
    }
}

fn describe_handler(cloud: &Cloud, name: &str, at: Timestamp) -> Value {
    json!({
        "FunctionName": name,
        "FunctionArn": arn(cloud, name),
        "Description": "A handler in the process of the engine",
        "Timeout": TIME_LIMIT.as_secs(),
        "LastModified": at.rfc3339_millis().replace('Z', "+0000"),
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
    })
}

fn create(tx: &Transaction<'_>, name: &str, request: &Value) -> Result<Value, ApiError> {
    if read(tx.db(), name)?.is_some() {
        return Err(already_exists(name));
    }
    let configuration = configuration::create(tx, name, request)?;
    let tags = request.get("Tags").filter(|tags| tags.is_object()).map_or_else(|| "{}".to_owned(), Value::to_string);
    write(tx, name, &configuration, &tags)?;
    Ok(configuration.described.into())
}

fn update(tx: &Transaction<'_>, name: &str, request: &Value) -> Result<Value, ApiError> {
    let (described, tags) = read(tx.db(), name)?.ok_or_else(|| function_not_found(tx, name))?;
    let configuration = configuration::update(tx, described, request)?;
    write(tx, name, &configuration, &Value::from(tags.unwrap_or_default()).to_string())?;
    Ok(configuration.described.into())
}

fn delete(tx: &Transaction<'_>, name: &str) -> Result<Value, ApiError> {
    if tx.db().prepare_cached("DELETE FROM functions WHERE name = ?1")?.execute([name])? == 0 {
        return Err(function_not_found(tx, name));
    }
    tx.db().prepare_cached("DELETE FROM function_permissions WHERE function = ?1")?.execute([name])?;
    Ok(Value::Null)
}

/// All functions by name, including the handlers in this process.
async fn list(cloud: &Cloud, request: Value) -> Result<Value, ApiError> {
    let limit = request::optional_integer(&request, "MaxItems", 1, 10_000)?.unwrap_or(50).min(50);
    let after = request::optional_text(&request, "Marker")?.unwrap_or_default().to_owned();
    let mut functions: Vec<(String, Value)> = (cloud.functions.registered().into_iter())
        .map(|(name, at)| (name.clone(), describe_handler(cloud, &name, at)))
        .filter(|(name, _)| *name > after)
        .collect();
    let stored = cloud.store.read(move |db| list_stored(db, &after, limit + 1)).await?;
    functions.extend(stored);
    functions.sort_by(|(one, _), (other, _)| one.cmp(other));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = functions.len() > limit;
    functions.truncate(limit);
    let marker = functions.last().filter(|_| more).map(|(name, _)| name.clone());
    let functions: Vec<Value> = functions.into_iter().map(|(_, described)| described).collect();
    let mut answer = json!({ "Functions": functions });
    if let (Some(members), Some(marker)) = (answer.as_object_mut(), marker) {
        members.insert("NextMarker".to_owned(), marker.into());
    }
    Ok(answer)
}

fn list_stored(db: &Connection, after: &str, limit: i64) -> Result<Vec<(String, Value)>, ApiError> {
    let mut query =
        db.prepare_cached("SELECT name, configuration FROM functions WHERE name > ?1 ORDER BY name LIMIT ?2")?;
    let rows = query.query_map((after, limit), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (name, described) = row?;
        Ok((name, parse(&described)?))
    })
    .collect()
}

/// The configuration and the tags of a function.
type Stored = (Map<String, Value>, Option<Map<String, Value>>);

fn read(db: &Connection, name: &str) -> Result<Option<Stored>, ApiError> {
    let mut query = db.prepare_cached("SELECT configuration, tags FROM functions WHERE name = ?1")?;
    let row = query.query_row([name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).optional()?;
    row.map(|(described, tags)| Ok((parse(&described)?, parse(&tags)?))).transpose()
}

fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, ApiError> {
    serde_json::from_str(json).map_err(|error| ApiError::internal(format!("a stored function is not JSON: {error}")))
}

fn write(tx: &Transaction<'_>, name: &str, configuration: &Configuration, tags: &str) -> Result<(), ApiError> {
    let Configuration { address, timeout_seconds, described } = configuration;
    tx.db()
        .prepare_cached(
            "INSERT OR REPLACE INTO functions (name, address, timeout_seconds, configuration, tags)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((name, address.as_str(), timeout_seconds, Value::from(described.clone()).to_string(), tags))?;
    Ok(())
}

fn arn(cloud: &Cloud, name: &str) -> String {
    cloud.context.arn("lambda", format_args!("function:{name}"))
}
