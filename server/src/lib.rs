//! The backend of Doppio: thin, over Step Functions, DynamoDB and EventBridge.
//!
//! Reading order: [`config`] is what an operator decides; `lifecycle` puts the parts together; `cloud` is the way to
//! AWS's API and `provision` makes what `workflow/` describes; `orders` are the commands, `handlers` what the workflow
//! tells, `live` what the screens see; `access` knows who asks, and `http` lets them in to the [`pages`]. [`operate`] are
//! the other sub-commands; they ask a bar that is open through `control`, and [`attend`](run()) answers them.

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
