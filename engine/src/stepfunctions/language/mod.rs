//! Step Functions: definitions in the Amazon States Language, and their interpreter.
//!
//! The interpreter is pure. An execution is its [`history`]; [`execution::Execution`] is a fold over it, and
//! [`execution::Execution::advance`] carries it on, asking its [`host`] for the time, tokens and effects.

pub mod definition;
pub mod execution;
pub mod history;
pub mod host;

mod budget;
mod choice;
mod cursor;
mod data;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod intrinsic;
pub(crate) mod json_fault;
pub(crate) mod moment;
mod path;
mod template;
#[cfg(test)]
mod testing;
