//! `doppio backup`, `doppio restore` and `doppio dead-letters`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// How to back up.
#[derive(Debug, Clone, Args)]
pub struct BackupConfig {
    /// The file to write. Only its owner may read it, because task tokens lie in it.
    pub file: PathBuf,

    /// Folder of the bar's data.
    #[arg(long, env = "DOPPIO_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,

    /// Replace the file when there is one of that name.
    #[arg(long)]
    pub replace: bool,
}

/// How to restore.
#[derive(Debug, Clone, Args)]
pub struct RestoreConfig {
    /// The backup. It is only read.
    pub file: PathBuf,

    /// Folder of the bar's data. What lies there now is kept beside it.
    #[arg(long, env = "DOPPIO_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
}

/// What to do with dead letters.
#[derive(Debug, Clone, Args)]
pub struct DeadLettersConfig {
    /// Folder of the bar's data.
    #[arg(long, env = "DOPPIO_DATA_DIR", default_value = "data", global = true)]
    pub data_dir: PathBuf,

    /// What to do.
    #[command(subcommand)]
    pub command: DeadLettersCommand,
}

/// What can be done with dead letters.
#[derive(Debug, Clone, Subcommand)]
pub enum DeadLettersCommand {
    /// Show what could not be delivered, oldest first.
    List {
        /// As JSON, one array.
        #[arg(long)]
        json: bool,
    },
    /// Deliver again, and say what came of it.
    Replay {
        /// The number of the dead letter.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<i64>,
        /// Every one of them.
        #[arg(long)]
        all: bool,
    },
}
