//! The command line.

use clap::{Parser, Subcommand};

use super::{BackupConfig, DeadLettersConfig, RestoreConfig, ServeConfig};

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
#[expect(clippy::large_enum_variant, reason = "there is one of it, read once at start")]
pub enum Command {
    /// Run the bar: the pages, the live connection, the workflows.
    Serve(ServeConfig),
    /// Copy the bar's data into one file, while it is open or closed.
    Backup(BackupConfig),
    /// Put the data of a backup in the place of the bar's, while it is open or closed.
    Restore(RestoreConfig),
    /// Show or repeat what could not be delivered.
    DeadLetters(DeadLettersConfig),
}
