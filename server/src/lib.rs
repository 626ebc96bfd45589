//! The backend of Doppio, on top of Step Functions, DynamoDB and EventBridge.
//!
//! Reading order: [`config`] is the command line; `lifecycle` starts and stops the server; `cloud` has the AWS clients,
//! and `provision` creates what `workflow/` describes. `orders` executes commands, `handlers` receives the events of
//! the workflow, and `live` sends changes to the browsers. `access` authenticates browsers, `http` accepts connections,
//! and `routes` connects both with the [`pages`]. [`operate`] has the other sub-commands; they reach a running server
//! through `control`, and [`run`](run()) answers them.

mod access;
mod backend;
mod client_address;
mod cloud;
pub mod config;
mod control;
mod data_folder;
mod handlers;
mod http;
mod lifecycle;
mod live;
mod logging;
mod metrics;
mod open_files;
pub mod operate;
mod orders;
pub mod pages;
mod provision;
mod routes;
mod run;
mod secret;
mod shop;
mod time;

pub use self::{
    lifecycle::{RunningServer, ServeError, serve},
    logging::{start_log, start_log_to},
    open_files::allow_open_files,
    run::run,
    secret::Secret,
    time::Clocks,
};

#[cfg(test)]
#[path = "../tests/simulation/mod.rs"]
mod simulation;
