//! The engine as its clients see it: through the real SDK crates, on a clock that the tests turn.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the answer; clippy knows test functions, but not what they share"
)]

mod backup;
mod common;
mod crash;
mod delivery;
mod eventbridge;
mod events;
mod executions;
mod functions;
mod logs;
mod long_runs;
mod orders;
mod retention;
mod shop;
mod states_callbacks;
mod states_wire;
mod store;
mod wire;
