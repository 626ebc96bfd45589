//! DynamoDB: operations on tables and items, stored in the engine's store.
//!
//! Operations run in the caller's transaction, so a write of a workflow becomes durable together with the step that
//! made it.
//!
//! Reading order: `value` and `number` are the contents of items; `schema` and `definition` describe tables; `rows` is
//! the layout in SQLite; `expression` is the expression language; `write`, `page` and `capacity` are shared by the
//! operations in `items`, `batch`, `query`, `transact`, `catalog` and `ttl`.

mod batch;
mod capacity;
mod catalog;
mod definition;
mod expression;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod items;
mod number;
pub(crate) mod operations;
mod page;
mod query;
mod request;
pub(crate) mod rows;
mod schema;
mod transact;
pub(crate) mod ttl;
mod value;
mod write;

#[cfg(test)]
mod tests;

use crate::error::ApiError;

type Result<T> = std::result::Result<T, ApiError>;
