//! The embedded cloud: Step Functions, EventBridge, DynamoDB, Lambda and CloudWatch Logs in one process and one file,
//! behind AWS's own wire API, so that an unmodified AWS SDK or CLI works with it.
//!
//! Reading order: [`clock`] and [`error`] are used everywhere; [`store`] owns the file and its single writer; `api` has
//! what all services share; `cloud` composes them. `stepfunctions::language` interprets state machine definitions and
//! `stepfunctions::service` stores executions; `dynamodb`, `eventbridge`, [`lambda`] and `logs` are the other services,
//! `outbox` delivers to targets; `wire` is the HTTP API, and [`Engine`] the handle to all of it.
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
    outbox::queue::{DeadLetter, PendingDelivery},
    store::OpenError,
};
