//! The engine through its public API and the AWS SDK, mostly with a manual clock.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic; clippy exempts test functions only"
)]

mod backup;
mod common;
mod crash;
mod delivery;
mod eventbridge;
mod events;
mod lambda;
mod logs;
mod long_runs;
mod orders;
mod retention;
mod shop;
mod stepfunctions;
mod stepfunctions_callbacks;
mod stepfunctions_wire;
mod store;
mod wire;
