//! GetItem, PutItem, UpdateItem, DeleteItem.

use rusqlite::Connection;
use serde_json::{Map, Value};

use super::{
    Result,
    capacity::{Report, Usage, read_units},
    catalog,
    expression::{
        path::Path,
        placeholders::Placeholders,
        projection::{self, project},
    },
    request::Members,
    rows,
    value::{Item, item_from_json, item_size, item_to_json},
    write::{Change, Effect, Write, members_of},
};
use crate::error::ApiError;

pub(super) fn get(conn: &Connection, request: &Value) -> Result<Value> {
    let members = Members::new(
        request,
        &[
            "TableName",
            "Key",
            "ConsistentRead",
            "ProjectionExpression",
            "ExpressionAttributeNames",
            "ReturnConsumedCapacity",
        ],
    )?;
    let name = members.table_name()?;
    let key = item_from_json(members.required("Key")?)?;
    let report = Report::from(&members)?;
    let paths = projection_of(&members)?;
    let table = catalog::open(conn, name)?;
    let item = rows::read(conn, &table, &table.keys.key_given(&key)?)?;
    let mut usage = Usage::default();
    usage.add_table(read_units(item.as_ref().map_or(0, item_size), members.flag("ConsistentRead")?));
    let mut answer = Map::new();
    if let Some(item) = item {
        answer.insert("Item".to_owned(), item_to_json(&apply_projection(item, paths.as_deref()))?);
    }
    insert_capacity(&mut answer, usage.report(&table, report));
    Ok(Value::Object(answer))
}

pub(super) fn put(conn: &Connection, request: &Value) -> Result<Value> {
    let members =
        members_of(request, &["Item", "ReturnValues", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"])?;
    let returns = all_old_or_none(&members)?;
    let write = Write::put(&members)?;
    perform(conn, &members, &write, returns)
}

pub(super) fn delete(conn: &Connection, request: &Value) -> Result<Value> {
    let members =
        members_of(request, &["Key", "ReturnValues", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"])?;
    let returns = all_old_or_none(&members)?;
    let write = Write::delete(&members)?;
    perform(conn, &members, &write, returns)
}

pub(super) fn update(conn: &Connection, request: &Value) -> Result<Value> {
    let members = members_of(
        request,
        &["Key", "UpdateExpression", "ReturnValues", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"],
    )?;
    let returns = return_values(&members)?;
    let write = Write::update(&members)?;
    perform(conn, &members, &write, returns)
}

/// The paths of `ProjectionExpression`, if given; checks the names that it uses.
pub(super) fn projection_of(members: &Members<'_>) -> Result<Option<Vec<Path>>> {
    let placeholders = Placeholders::from(members, &["ProjectionExpression"])?;
    let paths =
        members.string("ProjectionExpression")?.map(|text| projection::parse(text, &placeholders)).transpose()?;
    placeholders.finish()?;
    Ok(paths)
}

/// The projected attributes of an item.
pub(super) fn apply_projection(item: Item, paths: Option<&[Path]>) -> Item {
    match paths {
        Some(paths) => project(&item, paths),
        None => item,
    }
}

/// Adds `ConsumedCapacity`, if it was requested.
pub(super) fn insert_capacity(answer: &mut Map<String, Value>, capacity: Option<Value>) {
    if let Some(capacity) = capacity {
        answer.insert("ConsumedCapacity".to_owned(), capacity);
    }
}

fn perform(conn: &Connection, members: &Members<'_>, write: &Write<'_>, returns: &str) -> Result<Value> {
    let report = Report::from(members)?;
    members.refuse_collection_metrics()?;
    let table = catalog::open(conn, write.table_name)?;
    let key = write.locate(&table)?;
    let effect = write.apply(conn, &table, &key)?;
    let mut answer = Map::new();
    if let Some(attributes) = returned(&effect, &write.change, returns).filter(|attributes| !attributes.is_empty()) {
        answer.insert("Attributes".to_owned(), item_to_json(&attributes)?);
    }
    insert_capacity(&mut answer, effect.usage(&table).report(&table, report));
    Ok(Value::Object(answer))
}

fn returned(effect: &Effect, change: &Change, returns: &str) -> Option<Item> {
    let updated = |item: &Option<Item>| match change {
        Change::Update(_, update) => {
            let paths: Vec<Path> = update.paths().cloned().collect();
            item.as_ref().map(|item| project(item, &paths))
        }
        _ => None,
    };
    match returns {
        "ALL_OLD" => effect.old.clone(),
        "ALL_NEW" => effect.new.clone(),
        "UPDATED_OLD" => updated(&effect.old),
        "UPDATED_NEW" => updated(&effect.new),
        _ => None,
    }
}

fn return_values(members: &Members<'_>) -> Result<&'static str> {
    match members.value("ReturnValues") {
        None => Ok("NONE"),
        Some(_) => members.one_of("ReturnValues", ["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"]),
    }
}

fn all_old_or_none(members: &Members<'_>) -> Result<&'static str> {
    match return_values(members)? {
        returns @ ("ALL_OLD" | "NONE") => Ok(returns),
        _ => Err(ApiError::validation("ReturnValues can only be ALL_OLD or NONE")),
    }
}
