//! The command line and its environment variables: every option is defined here.

mod aws_api;
mod cli;
mod connections;
mod live;
mod operate;
mod serve;

pub use self::{
    aws_api::AwsApi,
    cli::{Cli, Command},
    connections::ConnectionLimits,
    live::LiveLimits,
    operate::{BackupConfig, DeadLettersCommand, DeadLettersConfig, RestoreConfig},
    serve::{CloudKind, ConfigError, ServeConfig},
};
