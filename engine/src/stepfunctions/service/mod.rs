//! The service: state machines, their executions, and the callbacks of their tasks.
//!
//! An execution is stored as its history. Whatever advances it (a start, a callback, a deadline, an answer) becomes a
//! pending step of the transaction; [`step`] loads the history, replays it, runs the interpreter, and appends.

mod callbacks;
mod calls;
mod casing;
mod deferred_steps;
pub(crate) mod definition_cache;
mod definitions;
mod describe;
pub(crate) mod execution_cache;
pub(crate) mod history;
mod host;
mod machines;
pub(crate) mod migrations;
mod names;
pub(crate) mod operations;
pub(crate) mod pending_step;
pub(crate) mod retention;
mod shapes;
pub(crate) mod start;
pub(crate) mod step;
mod tags;
mod tasks;
pub(crate) mod timers;
pub(crate) mod token;
