//! The Amazon States Language: definitions, and their interpreter.
//!
//! The interpreter is deterministic and has no side effects of its own. The state of an execution is derived from its
//! history of [events](history_event); [`execution::Execution::advance`] advances it and asks its [`host`] for the
//! time, tokens and effects.

pub(crate) mod definition;
pub(crate) mod execution;
pub(crate) mod history_event;
pub(crate) mod host;

mod budget;
mod choice;
mod cursor;
mod data;
pub(crate) mod date_time;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod intrinsic;
pub(crate) mod json_syntax;
mod path;
mod template;
#[cfg(test)]
mod testing;
