//! The command line and its environment variables. Everything that an operator can decide is here, once.

mod aws_api;
mod serve;

use clap::{Parser, Subcommand};

pub use self::{
    aws_api::AwsApi,
    serve::{CloudKind, ConfigError, ServeConfig},
};

/// Order coffee on a phone, make it from a tablet, see it on the wall.
#[derive(Debug, Parser)]
#[command(name = "doppio", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the bar: the pages, the live connection, the workflows.
    Serve(ServeConfig),
}
