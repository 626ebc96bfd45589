//! DynamoDB: the operations on tables and items that applications use, on the embedded cloud's own file.
//!
//! [`handle`] is the whole of it: DynamoDB JSON in, DynamoDB JSON or AWS's error out, inside the transaction that the
//! caller has open. So a write here becomes durable together with the step of a workflow that made it.
//!
//! Reading order: `value` and `number` are what items are made of; `schema` and `definition` what tables are; `rows`
//! is the layout in SQLite; `expression` is the language; `write`, `page` and `capacity` are what operations share;
//! `items`, `batch`, `query`, `transact`, `catalog` and `ttl` are the operations.

mod batch;
mod capacity;
mod catalog;
mod definition;
mod expression;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod items;
mod number;
mod page;
mod query;
mod request;
mod rows;
mod schema;
mod transact;
mod ttl;
mod value;
mod write;

#[cfg(test)]
mod tests;

use rusqlite::Connection;
use serde_json::Value;

pub use self::ttl::sweep_expired;
use crate::{clock::Timestamp, error::ApiError};

type Result<T> = std::result::Result<T, ApiError>;

/// Creates the SQL tables that are missing.
///
/// # Errors
/// SQLite's.
pub fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    rows::migrate(conn)
}

/// Whose tables these are, and what time it is.
#[derive(Debug, Clone, Copy)]
pub struct Home<'a> {
    /// The region in the ARNs of the tables.
    pub region: &'a str,
    /// The twelve digits of the account in them.
    pub account: &'a str,
    /// The time that creations, expiries and idempotency tokens go by.
    pub now: Timestamp,
}

/// Performs one operation, such as `PutItem`, inside the caller's transaction.
///
/// `request` and the answer are DynamoDB JSON as on the wire. After an error the caller must roll back to where it was
/// before the call: a transaction that is cancelled may have written some of its items.
///
/// # Errors
/// AWS's errors with AWS's codes and texts; `InternalServerError` when the store failed.
pub fn handle(conn: &Connection, home: Home<'_>, operation: &str, request: &Value) -> Result<Value> {
    match operation {
        "BatchGetItem" => batch::get(conn, request),
        "BatchWriteItem" => batch::write(conn, request),
        "CreateTable" => catalog::create(conn, home, request),
        "DeleteItem" => items::delete(conn, request),
        "DeleteTable" => catalog::delete(conn, home, request),
        "DescribeTable" => catalog::describe(conn, home, request),
        "DescribeTimeToLive" => ttl::describe(conn, request),
        "GetItem" => items::get(conn, request),
        "ListTables" => catalog::list(conn, request),
        "PutItem" => items::put(conn, request),
        "Query" => query::query(conn, request),
        "Scan" => query::scan(conn, request),
        "TransactGetItems" => transact::get(conn, request),
        "TransactWriteItems" => transact::write(conn, home.now, request),
        "UpdateItem" => items::update(conn, request),
        "UpdateTimeToLive" => ttl::update(conn, request),
        _ => Err(ApiError::client("UnknownOperationException", format!("The operation {operation} is not supported"))),
    }
}

/// Whether an operation only reads, so that it may run on a read connection.
pub fn is_read(operation: &str) -> bool {
    matches!(
        operation,
        "BatchGetItem"
            | "DescribeTable"
            | "DescribeTimeToLive"
            | "GetItem"
            | "ListTables"
            | "Query"
            | "Scan"
            | "TransactGetItems"
    )
}

/// Whether an operation looks at everything that it may be refused for before it changes anything.
pub fn checks_first(operation: &str) -> bool {
    is_read(operation) || matches!(operation, "DeleteItem" | "PutItem" | "UpdateItem")
}

/// Whether an operation reads at most one item or definition.
pub fn is_lookup(operation: &str) -> bool {
    matches!(operation, "DescribeTable" | "DescribeTimeToLive" | "GetItem")
}

/// The operations that [`handle`] performs.
pub fn operations() -> &'static [&'static str] {
    &[
        "BatchGetItem",
        "BatchWriteItem",
        "CreateTable",
        "DeleteItem",
        "DeleteTable",
        "DescribeTable",
        "DescribeTimeToLive",
        "GetItem",
        "ListTables",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
        "UpdateTimeToLive",
    ]
}
