//! TransactWriteItems and TransactGetItems.

use std::{collections::HashSet, rc::Rc};

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value, json};

use super::{
    Result,
    batch::insert_capacities,
    capacity::{Report, Usage, read_units},
    catalog,
    items::{apply_projection, projection_of},
    request::{Members, constraint_violation},
    rows,
    schema::{Key, Table},
    value::{item_from_json, item_size, item_to_json},
    write::{Write, members_of},
};
use crate::{clock::Timestamp, error::ApiError};

/// Maximum number of actions in one transaction.
const MAX_ACTIONS: usize = 100;
/// How long a client request token is valid.
const TOKEN_LIFETIME_MS: i64 = 10 * 60 * 1000;

pub(super) fn write(conn: &Connection, now: Timestamp, request: &Value) -> Result<Value> {
    let members = Members::new(
        request,
        &["TransactItems", "ClientRequestToken", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"],
    )?;
    let report = Report::from(&members)?;
    members.refuse_collection_metrics()?;
    let mut writes = Vec::new();
    for json in actions(&members)? {
        writes.push(action(json)?);
    }
    if let Some(token) = members.string("ClientRequestToken")?
        && is_repeated(conn, now, token, &members)?
    {
        return Ok(json!({}));
    }
    let mut tables: Vec<Rc<Table>> = Vec::new();
    for write in &writes {
        if !tables.iter().any(|table| table.name == write.table_name) {
            tables.push(catalog::open(conn, write.table_name)?);
        }
    }
    let mut located: Vec<Result<(&Table, Key)>> = Vec::new();
    let mut seen = HashSet::new();
    for write in &writes {
        let Some(table) = tables.iter().find(|table| table.name == write.table_name) else { continue };
        let key = write.locate(table);
        if let Ok(key) = &key
            && !seen.insert((table.id, key.clone()))
        {
            return Err(duplicate_item());
        }
        located.push(key.map(|key| (&**table, key)));
    }
    let mut usages: Vec<(&Table, Usage)> = Vec::new();
    let mut reasons = Vec::new();
    for (write, located) in writes.iter().zip(located) {
        let effect = located.and_then(|(table, key)| Ok((table, write.apply(conn, table, &key)?)));
        match effect {
            Ok((table, effect)) => {
                reasons.push(json!({"Code": "None"}));
                match usages.iter_mut().find(|(other, _)| other.id == table.id) {
                    Some((_, usage)) => effect.add_usage(table, 2.0, usage),
                    None => {
                        let mut usage = Usage::default();
                        effect.add_usage(table, 2.0, &mut usage);
                        usages.push((table, usage));
                    }
                }
            }
            Err(error) => reasons.push(reason(error)?),
        }
    }
    cancel_for(&reasons)?;
    let mut answer = Map::new();
    let usages = usages.iter().map(|(table, usage)| (*table, usage));
    insert_capacities(&mut answer, capacities(usages, report, "WriteCapacityUnits"));
    Ok(Value::Object(answer))
}

pub(super) fn get(conn: &Connection, request: &Value) -> Result<Value> {
    let members = Members::new(request, &["TransactItems", "ReturnConsumedCapacity"])?;
    let report = Report::from(&members)?;
    let mut gets = Vec::new();
    for json in actions(&members)? {
        let get = Members::new(json, &["Get"])?.required("Get")?;
        let get = Members::new(get, &["TableName", "Key", "ProjectionExpression", "ExpressionAttributeNames"])?;
        gets.push((get.table_name()?, item_from_json(get.required("Key")?)?, projection_of(&get)?));
    }
    let mut usages: Vec<(Rc<Table>, Usage)> = Vec::new();
    let mut seen = HashSet::new();
    let mut named_twice = false;
    let mut responses = Vec::new();
    let mut reasons = Vec::new();
    for (name, key, paths) in gets {
        let table = catalog::open(conn, name)?;
        let item = match table.keys.key_given(&key) {
            Ok(key) => {
                let item = rows::read(conn, &table, &key)?;
                named_twice |= !seen.insert((table.id, key));
                item
            }
            Err(error) => {
                reasons.push(reason(error)?);
                continue;
            }
        };
        reasons.push(json!({"Code": "None"}));
        let units = 2.0 * read_units(item.as_ref().map_or(0, item_size), true);
        match usages.iter_mut().find(|(other, _)| other.id == table.id) {
            Some((_, usage)) => usage.add_table(units),
            None => {
                let mut usage = Usage::default();
                usage.add_table(units);
                usages.push((table, usage));
            }
        }
        responses.push(match item {
            Some(item) => json!({"Item": item_to_json(&apply_projection(item, paths.as_deref()))?}),
            None => json!({}),
        });
    }
    cancel_for(&reasons)?;
    if named_twice {
        return Err(duplicate_item());
    }
    let mut answer = Map::new();
    answer.insert("Responses".to_owned(), Value::Array(responses));
    let usages = usages.iter().map(|(table, usage)| (&**table, usage));
    insert_capacities(&mut answer, capacities(usages, report, "ReadCapacityUnits"));
    Ok(Value::Object(answer))
}

fn duplicate_item() -> ApiError {
    ApiError::validation("Transaction request cannot include multiple operations on one item")
}

/// The `ConsumedCapacity` of a transaction, which also has the units under the name `kind`.
fn capacities<'u>(usages: impl Iterator<Item = (&'u Table, &'u Usage)>, report: Report, kind: &str) -> Vec<Value> {
    let mut reports: Vec<Value> = usages.filter_map(|(table, usage)| usage.report(table, report)).collect();
    reports.iter_mut().for_each(|capacity| insert_units_as(capacity, kind));
    reports
}

fn insert_units_as(capacity: &mut Value, kind: &str) {
    let Some(members) = capacity.as_object_mut() else { return };
    members.values_mut().for_each(|member| insert_units_as(member, kind));
    if let Some(units) = members.get("CapacityUnits").cloned() {
        members.insert(kind.to_owned(), units);
    }
}

fn actions<'r>(members: &Members<'r>) -> Result<&'r Vec<Value>> {
    let list = members.list("TransactItems")?.ok_or_else(|| super::request::null_member("transactItems"))?;
    let rule = if list.is_empty() {
        "greater than or equal to 1"
    } else if list.len() > MAX_ACTIONS {
        "less than or equal to 100"
    } else {
        return Ok(list);
    };
    Err(constraint_violation(&format!("{list:?}"), "transactItems", &format!("Member must have length {rule}")))
}

fn action(json: &Value) -> Result<Write<'_>> {
    let members = Members::new(json, &["Put", "Update", "Delete", "ConditionCheck"])?;
    let given: Vec<(&str, &Value)> = ["Put", "Update", "Delete", "ConditionCheck"]
        .into_iter()
        .filter_map(|name| Some((name, members.value(name)?)))
        .collect();
    match given.as_slice() {
        [("Put", json)] => Write::put(&members_of(json, &["Item"])?),
        [("Update", json)] => {
            let members = members_of(json, &["Key", "UpdateExpression"])?;
            members.required("UpdateExpression")?;
            Write::update(&members)
        }
        [("Delete", json)] => Write::delete(&members_of(json, &["Key"])?),
        [(_, json)] => Write::check(&members_of(json, &["Key"])?),
        [] => Err(ApiError::validation(
            "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request",
        )),
        _ => Err(ApiError::validation("TransactItems can only contain one of Check, Put, Update or Delete")),
    }
}

/// Records the token; returns true if its request was executed before.
fn is_repeated(conn: &Connection, now: Timestamp, token: &str, members: &Members<'_>) -> Result<bool> {
    if token.is_empty() || token.len() > 36 {
        let rule = if token.is_empty() { "greater than or equal to 1" } else { "less than or equal to 36" };
        return Err(constraint_violation(token, "clientRequestToken", &format!("Member must have length {rule}")));
    }
    conn.prepare_cached("DELETE FROM ddb_transactions WHERE made_at <= ?")?
        .execute([now.millis() - TOKEN_LIFETIME_MS])?;
    let requested = members.required("TransactItems")?;
    let before: Option<String> = conn
        .prepare_cached("SELECT request FROM ddb_transactions WHERE token = ?")?
        .query_row([token], |row| row.get(0))
        .optional()?;
    match before {
        None => {
            conn.prepare_cached("INSERT INTO ddb_transactions (token, request, made_at) VALUES (?, ?, ?)")?
                .execute(params![token, requested.to_string(), now.millis()])?;
            Ok(false)
        }
        // Compared as JSON, so the order of members does not matter.
        Some(before) if serde_json::from_str::<Value>(&before).is_ok_and(|before| before == *requested) => Ok(true),
        Some(_) => Err(ApiError::client(
            "IdempotentParameterMismatchException",
            "DynamoDB rejected the request because you retried a request with a different payload but with an \
             idempotent token that was already used.",
        )),
    }
}

/// The cancellation reason of one action. An error that is not about the item is an error of the whole request.
fn reason(error: ApiError) -> Result<Value> {
    let code = match error.code {
        "ConditionalCheckFailedException" => "ConditionalCheckFailed",
        "ValidationException" => "ValidationError",
        _ => return Err(error),
    };
    let mut reason = json!({"Code": code, "Message": error.message});
    if let (Some(item), Some(members)) = (error.members.get("Item"), reason.as_object_mut()) {
        members.insert("Item".to_owned(), item.clone());
    }
    Ok(reason)
}

fn cancel_for(reasons: &[Value]) -> Result<()> {
    let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason.get("Code")?.as_str()).collect();
    if codes.iter().all(|code| *code == "None") {
        return Ok(());
    }
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    Err(ApiError::client("TransactionCanceledException", message)
        .with("CancellationReasons", Value::Array(reasons.to_vec())))
}
