//! The embedded cloud: Step Functions, EventBridge and DynamoDB in one process and one file, spoken to through AWS's
//! own wire API, so that an unmodified AWS SDK or CLI cannot tell the difference.
//!
//! Reading order: [`clock`] and [`error`] are what everything uses; [`store`] owns the file and the one writer;
//! `cloud` runs operations on it. [`states`] interprets definitions and `executions` keeps what it interprets;
//! [`tables`] is DynamoDB, [`events`] is EventBridge, [`functions`] are the Lambda targets, `logs` keeps what rules send
//! to a log group; [`wire`] is the door, and [`Engine`] is the whole.
//!
//! Architecture invariant: this crate knows nothing of coffee.

mod api;
pub mod backup;
pub mod clock;
mod cloud;
mod dynamodb;
pub mod error;
mod eventbridge;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod handle;
mod housekeeping;
pub mod lambda;
mod logs;
mod migrations;
mod outbox;
mod stepfunctions;
pub mod store;
mod wire;

#[cfg(test)]
#[path = "../tests/simulation/mod.rs"]
mod simulation;

pub use self::{
    handle::{Engine, Options},
    migrations::VERSION,
    outbox::queue::{DeadLetter, Waiting},
    store::OpenError,
};
