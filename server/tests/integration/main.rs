//! The server as its users see it: over HTTP, websockets, the command line and the AWS API.
//!
//! The simulation of the live connections (`server/tests/simulation`) is not part of this program: it needs types that
//! are private to the server, so it is compiled into the unit tests of the library.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test; clippy exempts test functions, but not their helpers"
)]

mod admission;
mod authorisation;
mod bar_orders;
mod close_reasons;
mod connections;
mod cookies;
mod damaged_records;
mod deadlines;
mod deploy;
#[cfg(target_os = "linux")]
mod flood;
mod guests;
mod hosts;
mod kit;
mod languages;
mod log;
mod malformed;
mod metrics;
mod nodes;
mod numbers;
mod operate;
mod order_lifecycle;
mod pages;
mod proxies;
mod races;
mod rate_limits;
mod refusal_log;
mod refusals;
mod restart;
mod roles;
mod topics;
