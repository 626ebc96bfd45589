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
    /// Run the bar: the pages, the live connections, the workflows.
    Serve(ServeConfig),
    /// Copy the bar's data into one file, while it is open or closed.
    Backup(BackupConfig),
    /// Replace the bar's data by that of a backup, while it is open or closed.
    Restore(RestoreConfig),
    /// Show or repeat deliveries that were given up.
    DeadLetters(DeadLettersConfig),
}
