//! The command line.

use clap::{Parser, Subcommand};

use super::{BackupConfig, DeadLettersConfig, RestoreConfig, ServeConfig};

/// Order coffee on a phone, make it from a tablet, see it on the wall.
#[derive(Debug, Parser)]
#[command(name = "doppio", version, about)]
pub struct Cli {
    /// The sub-command.
    #[command(subcommand)]
    pub command: Command,
}

/// The sub-commands.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one value, read once at start")]
pub enum Command {
    /// Run the server: the pages, the live connections, the workflows.
    Serve(ServeConfig),
    /// Copy the data into one file, with or without a running server.
    Backup(BackupConfig),
    /// Replace the data by that of a backup, with or without a running server.
    Restore(RestoreConfig),
    /// List dead letters, or deliver them again.
    DeadLetters(DeadLettersConfig),
}
