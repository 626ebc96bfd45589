//! The expression language: conditions, key conditions, filters, projections and updates.
//!
//! [`placeholders`] holds a request's `#names` and `:values`; [`parser`] is the grammar that all expressions share;
//! [`condition`], [`update`] and [`projection`] add their own rules and the meaning; [`key_condition`] turns a
//! condition into a range of keys.

pub(super) mod condition;
mod condition_parser;
mod evaluate;
pub(super) mod key_condition;
mod lexer;
mod parser;
pub(super) mod path;
pub(super) mod placeholders;
pub(super) mod projection;
mod reserved;
pub(super) mod update;
mod update_parser;
