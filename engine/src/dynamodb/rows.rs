//! The SQL rows of items, index entries, sizes and expiries. One function keeps them consistent.
//!
//! Keys are stored as bytes that sort in DynamoDB's order, so SQLite's B-tree returns query results in order. An index
//! entry contains only keys and the item is read from the table, so an index is always consistent with the table.
//!
//! Items are stored as JSON text, readable with the `sqlite3` program. They are in an ordinary table with an index of
//! their keys, not in a table WITHOUT ROWID, whose inner pages would be filled by long rows. Measured with items of 0.6
//! and 2.3 KB, a get takes 8 µs instead of 10 and 16 µs instead of 50, and the file is an eighth smaller.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Result,
    schema::{Key, Table},
    value::{Item, item_size},
};
use crate::error::ApiError;

/// Creates the missing SQL tables.
pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS ddb_tables (
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             name TEXT NOT NULL UNIQUE,
             definition TEXT NOT NULL) STRICT;
         CREATE TABLE IF NOT EXISTS ddb_items (
             table_id INTEGER NOT NULL, partition_key BLOB NOT NULL, sort_key BLOB NOT NULL,
             item TEXT NOT NULL,
             PRIMARY KEY (table_id, partition_key, sort_key)) STRICT;
         CREATE TABLE IF NOT EXISTS ddb_index_entries (
             table_id INTEGER NOT NULL, index_number INTEGER NOT NULL,
             partition_key BLOB NOT NULL, sort_key BLOB NOT NULL,
             item_partition_key BLOB NOT NULL, item_sort_key BLOB NOT NULL,
             PRIMARY KEY (table_id, index_number, partition_key, sort_key, item_partition_key, item_sort_key)
             ) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS ddb_sizes (
             table_id INTEGER NOT NULL, index_number INTEGER NOT NULL,
             items INTEGER NOT NULL, bytes INTEGER NOT NULL,
             PRIMARY KEY (table_id, index_number)) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS ddb_expiries (
             table_id INTEGER NOT NULL, expires_at INTEGER NOT NULL,
             partition_key BLOB NOT NULL, sort_key BLOB NOT NULL,
             PRIMARY KEY (expires_at, table_id, partition_key, sort_key)) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS ddb_transactions (
             token TEXT PRIMARY KEY, request TEXT NOT NULL, made_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
         CREATE INDEX IF NOT EXISTS ddb_transactions_by_age ON ddb_transactions (made_at);",
    )
}

/// The item with this key.
pub(super) fn read(conn: &Connection, table: &Table, key: &Key) -> Result<Option<Item>> {
    let mut select =
        conn.prepare_cached("SELECT item FROM ddb_items WHERE table_id = ? AND partition_key = ? AND sort_key = ?")?;
    let text: Option<String> =
        select.query_row(params![table.id, key.partition, key.sort], |row| row.get(0)).optional()?;
    text.map(|text| parse(&text)).transpose()
}

/// Replaces the item `old` under `key` by `new` and updates index entries, sizes and expiry.
pub(super) fn replace(
    conn: &Connection,
    table: &Table,
    key: &Key,
    old: Option<&Item>,
    new: Option<&Item>,
) -> Result<()> {
    match new {
        Some(item) => {
            let text = serde_json::to_string(item)
                .map_err(|error| ApiError::internal(format!("an item cannot be written: {error}")))?;
            conn.prepare_cached(
                "INSERT INTO ddb_items (table_id, partition_key, sort_key, item) VALUES (?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET item = excluded.item",
            )?
            .execute(params![table.id, key.partition, key.sort, text])?;
        }
        None if old.is_some() => {
            conn.prepare_cached("DELETE FROM ddb_items WHERE table_id = ? AND partition_key = ? AND sort_key = ?")?
                .execute(params![table.id, key.partition, key.sort])?;
        }
        None => return Ok(()),
    }
    add_size(conn, table, 0, old.map(item_size), new.map(item_size))?;
    for index in &table.indexes {
        let entry = |item: Option<&Item>| item.and_then(|item| index.keys.key_of(item));
        let size = |item: Option<&Item>| {
            item.filter(|item| index.keys.key_of(item).is_some()).map(|item| item_size(&table.projected(index, item)))
        };
        move_entry(conn, table, index.number, key, entry(old), entry(new))?;
        add_size(conn, table, index.number, size(old), size(new))?;
    }
    let expiry = |item: Option<&Item>| item.and_then(|item| table.expiry_of(item));
    move_expiry(conn, table, key, expiry(old), expiry(new))
}

/// Deletes a table and all its rows.
pub(super) fn delete_table(conn: &Connection, table: &Table) -> Result<()> {
    for statement in [
        "DELETE FROM ddb_items WHERE table_id = ?",
        "DELETE FROM ddb_index_entries WHERE table_id = ?",
        "DELETE FROM ddb_sizes WHERE table_id = ?",
        "DELETE FROM ddb_expiries WHERE table_id = ?",
        "DELETE FROM ddb_tables WHERE id = ?",
    ] {
        conn.prepare_cached(statement)?.execute([table.id])?;
    }
    Ok(())
}

/// Number of items and bytes in a table (`index_number` 0) or an index.
pub(super) fn sizes(conn: &Connection, table: &Table, index_number: i64) -> Result<(i64, i64)> {
    let found = conn
        .prepare_cached("SELECT items, bytes FROM ddb_sizes WHERE table_id = ? AND index_number = ?")?
        .query_row([table.id, index_number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Parses a stored item.
pub(super) fn parse(text: &str) -> Result<Item> {
    serde_json::from_str(text).map_err(|error| ApiError::internal(format!("a stored item cannot be read: {error}")))
}

/// Changes the expiry of an item.
pub(super) fn move_expiry(
    conn: &Connection,
    table: &Table,
    key: &Key,
    old: Option<i64>,
    new: Option<i64>,
) -> Result<()> {
    if old == new {
        return Ok(());
    }
    if let Some(seconds) = old {
        conn.prepare_cached(
            "DELETE FROM ddb_expiries WHERE expires_at = ? AND table_id = ? AND partition_key = ? AND sort_key = ?",
        )?
        .execute(params![seconds, table.id, key.partition, key.sort])?;
    }
    if let Some(seconds) = new {
        conn.prepare_cached(
            "INSERT OR IGNORE INTO ddb_expiries (expires_at, table_id, partition_key, sort_key) VALUES (?, ?, ?, ?)",
        )?
        .execute(params![seconds, table.id, key.partition, key.sort])?;
    }
    Ok(())
}

fn move_entry(
    conn: &Connection,
    table: &Table,
    index_number: i64,
    key: &Key,
    old: Option<Key>,
    new: Option<Key>,
) -> Result<()> {
    if old == new {
        return Ok(());
    }
    if let Some(entry) = old {
        conn.prepare_cached(
            "DELETE FROM ddb_index_entries WHERE table_id = ? AND index_number = ? AND partition_key = ? AND
             sort_key = ? AND item_partition_key = ? AND item_sort_key = ?",
        )?
        .execute(params![table.id, index_number, entry.partition, entry.sort, key.partition, key.sort])?;
    }
    if let Some(entry) = new {
        conn.prepare_cached(
            "INSERT OR IGNORE INTO ddb_index_entries (table_id, index_number, partition_key, sort_key,
             item_partition_key, item_sort_key) VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![table.id, index_number, entry.partition, entry.sort, key.partition, key.sort])?;
    }
    Ok(())
}

fn add_size(conn: &Connection, table: &Table, index_number: i64, old: Option<usize>, new: Option<usize>) -> Result<()> {
    let items = i64::from(new.is_some()) - i64::from(old.is_some());
    let bytes = |size: Option<usize>| i64::try_from(size.unwrap_or(0)).unwrap_or(i64::MAX);
    let bytes = bytes(new) - bytes(old);
    if items != 0 || bytes != 0 {
        conn.prepare_cached(
            "INSERT INTO ddb_sizes (table_id, index_number, items, bytes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET items = items + ?3, bytes = bytes + ?4",
        )?
        .execute([table.id, index_number, items, bytes])?;
    }
    Ok(())
}
