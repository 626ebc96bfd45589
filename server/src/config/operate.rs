//! The options of `doppio backup`, `doppio restore` and `doppio dead-letters`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The options of `doppio backup`.
#[derive(Debug, Clone, Args)]
pub struct BackupConfig {
    /// The file to write. Only its owner may read it, because it contains task tokens.
    pub file: PathBuf,

    /// Folder of the bar's data.
    #[arg(long, env = "DOPPIO_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,

    /// Replace the file if it exists.
    #[arg(long)]
    pub replace: bool,
}

/// The options of `doppio restore`.
#[derive(Debug, Clone, Args)]
pub struct RestoreConfig {
    /// The backup. It is only read.
    pub file: PathBuf,

    /// Folder of the bar's data. The current data is kept beside it.
    #[arg(long, env = "DOPPIO_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
}

/// The options of `doppio dead-letters`.
#[derive(Debug, Clone, Args)]
pub struct DeadLettersConfig {
    /// Folder of the bar's data.
    #[arg(long, env = "DOPPIO_DATA_DIR", default_value = "data", global = true)]
    pub data_dir: PathBuf,

    /// The sub-command.
    #[command(subcommand)]
    pub command: DeadLettersCommand,
}

/// The sub-commands of `doppio dead-letters`.
#[derive(Debug, Clone, Subcommand)]
pub enum DeadLettersCommand {
    /// Show deliveries that were given up, oldest first.
    List {
        /// Print one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Deliver again, and print the outcome.
    Replay {
        /// The number of the dead letter.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<i64>,
        /// All dead letters.
        #[arg(long)]
        all: bool,
    },
}
