//! CloudWatch Logs, as far as rules write to log groups and clients read them.
//!
//! Each event that a rule sends becomes the only message of a log stream of its own, as EventBridge does it.

mod filter;
pub(crate) mod groups;
pub(crate) mod migrations;
pub(crate) mod operations;
mod read;
mod search;
mod shapes;
