//! BatchGetItem and BatchWriteItem.

use std::{collections::HashSet, rc::Rc};

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::{
    Result,
    capacity::{Report, Usage, read_units},
    catalog,
    items::{apply_projection, projection_of},
    request::{Members, plain_table_name},
    rows,
    schema::{Table, mismatch},
    value::{Item, item_from_json, item_size, item_to_json, wrong_type_of},
    write::{Change, Write, members_of},
};
use crate::error::ApiError;

/// Maximum number of keys in one BatchGetItem.
const MAX_KEYS: usize = 100;
/// Maximum number of writes in one BatchWriteItem.
const MAX_WRITES: usize = 25;
/// Size in bytes after which one BatchGetItem returns no more items; the rest are `UnprocessedKeys`.
const MAX_ANSWER: usize = 16 << 20;

pub(super) fn get(conn: &Connection, request: &Value) -> Result<Value> {
    let members = Members::new(request, &["RequestItems", "ReturnConsumedCapacity"])?;
    let report = Report::from(&members)?;
    let requests = request_items(&members, "BatchGetItem")?;
    let mut count = 0;
    let mut plans = Vec::new();
    for (name, json) in requests {
        let members =
            Members::new(json, &["Keys", "ProjectionExpression", "ExpressionAttributeNames", "ConsistentRead"])?;
        let keys = members.list("Keys")?.filter(|keys| !keys.is_empty()).ok_or_else(|| {
            ApiError::validation(format!(
                "1 validation error detected: Value at 'requestItems.{name}.member.keys' failed to satisfy \
                 constraint: Member must have length greater than or equal to 1"
            ))
        })?;
        count += keys.len();
        let keys = keys.iter().map(|key| Ok((key, item_from_json(key)?))).collect::<Result<Vec<(&Value, Item)>>>()?;
        if keys.iter().enumerate().any(|(at, (_, key))| keys.iter().take(at).any(|(_, earlier)| earlier == key)) {
            return Err(duplicates());
        }
        plans.push((name, json, members, projection_of(&members)?, keys));
    }
    if count > MAX_KEYS {
        return Err(ApiError::validation("Too many items requested for the BatchGetItem call"));
    }
    let tables =
        plans.iter().map(|(name, ..)| catalog::open(conn, plain_table_name(name))).collect::<Result<Vec<_>>>()?;
    let (mut responses, mut unprocessed, mut capacities) = (Map::new(), Map::new(), Vec::new());
    let mut bytes = 0;
    for ((name, json, members, paths, keys), table) in plans.into_iter().zip(tables) {
        let consistent = members.flag("ConsistentRead")?;
        let (mut found, mut rest) = (Vec::new(), Vec::new());
        let mut usage = Usage::default();
        for (json, key) in keys {
            let key = table.keys.key_given(&key)?;
            if bytes >= MAX_ANSWER {
                rest.push(json.clone());
                continue;
            }
            let item = rows::read(conn, &table, &key)?;
            let size = item.as_ref().map_or(0, item_size);
            bytes += size;
            usage.add_table(read_units(size, consistent));
            if let Some(item) = item {
                found.push(item_to_json(&apply_projection(item, paths.as_deref()))?);
            }
        }
        responses.insert(name.clone(), Value::Array(found));
        if !rest.is_empty() {
            let mut left = json.as_object().cloned().unwrap_or_default();
            left.insert("Keys".to_owned(), Value::Array(rest));
            unprocessed.insert(name.clone(), Value::Object(left));
        }
        capacities.extend(usage.report(&table, report));
    }
    let mut answer = Map::new();
    answer.insert("Responses".to_owned(), Value::Object(responses));
    answer.insert("UnprocessedKeys".to_owned(), Value::Object(unprocessed));
    insert_capacities(&mut answer, capacities);
    Ok(Value::Object(answer))
}

pub(super) fn write(conn: &Connection, request: &Value) -> Result<Value> {
    let members = Members::new(request, &["RequestItems", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"])?;
    let report = Report::from(&members)?;
    members.refuse_collection_metrics()?;
    let mut plans = Vec::new();
    for (name, json) in request_items(&members, "BatchWriteItem")? {
        let list = json.as_array().ok_or_else(|| wrong_type_of("RequestItems", "a map of lists"))?;
        for json in list {
            plans.push((name, as_write_request(name, json)?));
        }
    }
    if plans.len() > MAX_WRITES {
        return Err(ApiError::validation("Too many items requested for the BatchWriteItem call"));
    }
    // AWS parses the whole request, then looks up the tables, then checks the keys.
    let writes = plans.iter().map(|(_, request)| match request {
        WriteRequest::Put(json) => Write::put(&members_of(json, &["Item"])?),
        WriteRequest::Delete(json) => Write::delete(&members_of(json, &["Key"])?),
    });
    let writes = writes.collect::<Result<Vec<_>>>()?;
    let tables = writes.iter().map(|write| catalog::open(conn, write.table_name)).collect::<Result<Vec<_>>>()?;
    let mut located = Vec::new();
    let mut seen = HashSet::new();
    for (write, table) in writes.into_iter().zip(tables) {
        // Here AWS reports a put with a wrong key like any other wrong key.
        if let Change::Put(item) = &write.change
            && table.keys.key_of(item).is_none()
        {
            return Err(mismatch());
        }
        let key = write.locate(&table)?;
        if !seen.insert((table.id, key.clone())) {
            return Err(duplicates());
        }
        located.push((write, table, key));
    }
    let mut usages: Vec<(Rc<Table>, Usage)> = Vec::new();
    for (write, table, key) in located {
        let effect = write.apply(conn, &table, &key)?;
        match usages.iter_mut().find(|(other, _)| other.id == table.id) {
            Some((_, usage)) => effect.add_usage(&table, 1.0, usage),
            None => {
                let usage = effect.usage(&table);
                usages.push((table, usage));
            }
        }
    }
    let mut answer = Map::new();
    answer.insert("UnprocessedItems".to_owned(), json!({}));
    insert_capacities(&mut answer, usages.iter().filter_map(|(table, usage)| usage.report(table, report)).collect());
    Ok(Value::Object(answer))
}

/// Adds the list `ConsumedCapacity`, if it was requested.
pub(super) fn insert_capacities(answer: &mut Map<String, Value>, capacities: Vec<Value>) {
    if !capacities.is_empty() {
        answer.insert("ConsumedCapacity".to_owned(), Value::Array(capacities));
    }
}

/// A write request, as the request of PutItem or DeleteItem.
enum WriteRequest {
    Put(Value),
    Delete(Value),
}

fn as_write_request(table_name: &str, json: &Value) -> Result<WriteRequest> {
    let members = Members::new(json, &["PutRequest", "DeleteRequest"])?;
    let with_name = |request: &Value, known: &[&str]| -> Result<Value> {
        Members::new(request, known)?;
        let mut request = request.as_object().cloned().unwrap_or_default();
        request.insert("TableName".to_owned(), json!(table_name));
        Ok(Value::Object(request))
    };
    match (members.value("PutRequest"), members.value("DeleteRequest")) {
        (Some(put), None) => Ok(WriteRequest::Put(with_name(put, &["Item"])?)),
        (None, Some(delete)) => Ok(WriteRequest::Delete(with_name(delete, &["Key"])?)),
        _ => Err(ApiError::validation(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported \
             datatypes",
        )),
    }
}

fn request_items<'r>(members: &Members<'r>, operation: &str) -> Result<&'r Map<String, Value>> {
    let requests = members
        .object("RequestItems")?
        .ok_or_else(|| ApiError::validation(format!("The requestItems parameter is required for {operation}")))?;
    if requests.is_empty() {
        return Err(ApiError::validation(
            "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have \
             length greater than or equal to 1",
        ));
    }
    Ok(requests)
}

fn duplicates() -> ApiError {
    ApiError::validation("Provided list of item keys contains duplicates")
}
