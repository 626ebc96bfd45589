//! DynamoDB: the operations on tables and items that applications use, on the embedded cloud's own file.
//!
//! Operations run inside the transaction that the caller has open, so a write of a workflow becomes durable together
//! with the step that made it.
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
