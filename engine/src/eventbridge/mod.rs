//! EventBridge: buses, rules with their patterns, and the targets of rules.
//!
//! PutEvents matches an event against the rules of its bus and writes one delivery per target to the outbox, in the
//! commit that acknowledges the event.

mod buses;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod input;
pub(crate) mod migrations;
pub(crate) mod operations;
pub(crate) mod pattern;
pub(crate) mod put;
mod rules;
mod shapes;
mod tagging;
mod tags;
mod targets;
