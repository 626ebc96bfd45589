//! CreateTable, DescribeTable, ListTables, DeleteTable.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::{
    Result, definition,
    request::{Members, constraint_violation},
    rows,
    schema::Table,
};
use crate::{api::context::Account, clock::Timestamp, error::ApiError};

/// Maximum number of names in one response of ListTables.
const MAX_NAMES: i64 = 100;

/// The table with this name, for an operation on its items; the error is worded accordingly.
pub(super) fn open(conn: &Connection, name: &str) -> Result<Rc<Table>> {
    let mut select = conn.prepare_cached("SELECT id, definition FROM ddb_tables WHERE name = ?")?;
    let mut rows = select.query([name])?;
    let found = match rows.next()? {
        Some(row) => Some(cached_table(row.get(0)?, row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?),
        None => None,
    };
    found.ok_or_else(|| ApiError::client("ResourceNotFoundException", "Requested resource not found"))
}

/// The table with this name, for an operation on the table; the error is worded accordingly.
pub(super) fn open_named(conn: &Connection, name: &str) -> Result<Table> {
    find(conn, name)?.ok_or_else(|| {
        ApiError::client("ResourceNotFoundException", format!("Requested resource not found: Table: {name} not found"))
    })
}

/// The table with this row id, unless it was deleted.
pub(super) fn open_by_id(conn: &Connection, id: i64) -> Result<Option<Table>> {
    let definition: Option<String> = conn
        .prepare_cached("SELECT definition FROM ddb_tables WHERE id = ?")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    definition.map(|definition| parse(id, &definition)).transpose()
}

/// Stores a changed definition.
pub(super) fn save(conn: &Connection, table: &Table) -> Result<()> {
    conn.prepare_cached("UPDATE ddb_tables SET definition = ? WHERE id = ?")?
        .execute(params![text(table)?, table.id])?;
    Ok(())
}

pub(super) fn create(conn: &Connection, account: &Account, now: Timestamp, request: &Value) -> Result<Value> {
    let mut table = definition::read(request, now)?;
    if find(conn, &table.name)?.is_some() {
        return Err(ApiError::client("ResourceInUseException", format!("Table already exists: {}", table.name)));
    }
    conn.prepare_cached("INSERT INTO ddb_tables (name, definition) VALUES (?, ?)")?
        .execute(params![table.name, text(&table)?])?;
    table.id = conn.last_insert_rowid();
    Ok(json!({"TableDescription": definition::describe(conn, account, &table, "ACTIVE")?}))
}

pub(super) fn describe(conn: &Connection, account: &Account, request: &Value) -> Result<Value> {
    let members = Members::new(request, &["TableName"])?;
    let table = open_named(conn, members.table_name()?)?;
    Ok(json!({"Table": definition::describe(conn, account, &table, "ACTIVE")?}))
}

pub(super) fn delete(conn: &Connection, account: &Account, request: &Value) -> Result<Value> {
    let members = Members::new(request, &["TableName"])?;
    let table = open_named(conn, members.table_name()?)?;
    if table.deletion_protection {
        return Err(ApiError::validation(format!(
            "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection \
             first. Table: {}",
            table.name
        )));
    }
    // Before the description, because AWS reports zero items for a table that is being deleted.
    rows::delete_table(conn, &table)?;
    let description = definition::describe(conn, account, &table, "DELETING")?;
    Ok(json!({"TableDescription": description}))
}

pub(super) fn list(conn: &Connection, request: &Value) -> Result<Value> {
    let members = Members::new(request, &["Limit", "ExclusiveStartTableName"])?;
    let limit = members.integer_from("Limit", 1)?.unwrap_or(MAX_NAMES);
    if limit > MAX_NAMES {
        return Err(constraint_violation(
            &limit.to_string(),
            "limit",
            "Member must have value less than or equal to 100",
        ));
    }
    let after = members.string("ExclusiveStartTableName")?;
    if let Some(short) = after.filter(|name| name.len() < 3) {
        let rule = "Member must have length greater than or equal to 3";
        return Err(constraint_violation(short, "exclusiveStartTableName", rule));
    }
    let after = after.unwrap_or_default();
    let mut names: Vec<String> = conn
        .prepare_cached("SELECT name FROM ddb_tables WHERE name > ? ORDER BY name LIMIT ?")?
        .query_map(params![after, limit + 1], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = names.len() > limit;
    names.truncate(limit);
    let mut answer = json!({"TableNames": names});
    if let (true, Some(last), Some(members)) = (more, names.last(), answer.as_object_mut()) {
        members.insert("LastEvaluatedTableName".to_owned(), json!(last));
    }
    Ok(answer)
}

fn find(conn: &Connection, name: &str) -> Result<Option<Table>> {
    let found: Option<(i64, String)> = conn
        .prepare_cached("SELECT id, definition FROM ddb_tables WHERE name = ?")?
        .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(id, definition)| parse(id, &definition)).transpose()
}

thread_local! {
    /// Parsed tables of this thread, by the text of the definition. An entry never becomes outdated: each call reads
    /// the current text of the table first.
    static TABLE_CACHE: RefCell<HashMap<String, Rc<Table>>> = RefCell::default();
}

/// Number of entries at which the cache is cleared.
const CACHE_CAPACITY: usize = 200;

/// The table of a stored row, parsed unless this thread has parsed it before.
fn cached_table(id: i64, definition: &str) -> Result<Rc<Table>> {
    let seen = TABLE_CACHE.with_borrow(|cache| cache.get(definition).filter(|table| table.id == id).map(Rc::clone));
    if let Some(table) = seen {
        return Ok(table);
    }
    let table = Rc::new(parse(id, definition)?);
    TABLE_CACHE.with_borrow_mut(|cache| {
        if cache.len() >= CACHE_CAPACITY {
            cache.clear();
        }
        cache.insert(definition.to_owned(), Rc::clone(&table));
    });
    Ok(table)
}

fn parse(id: i64, definition: &str) -> Result<Table> {
    let table: Table = serde_json::from_str(definition)
        .map_err(|error| ApiError::internal(format!("a stored table definition cannot be read: {error}")))?;
    Ok(Table { id, ..table })
}

fn text(table: &Table) -> Result<String> {
    serde_json::to_string(table)
        .map_err(|error| ApiError::internal(format!("a table definition cannot be written: {error}")))
}
