//! How the other sub-commands speak to a bar that is open: a Unix socket in the data folder.
//!
//! One connection, one request, one reply, each a line of JSON. Who may connect is who may write to the socket's file,
//! and that is its owner only, as with the data itself (ADR 6).

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod server;
#[cfg(not(unix))]
mod unsupported;

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

#[cfg(not(unix))]
pub(crate) use self::unsupported::{Desk, ask};
#[cfg(unix)]
pub(crate) use self::{client::ask, server::Desk};
use crate::operate::{Letter, Replayed};

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// Put this backup in the place of the data. The path is absolute.
    Restore {
        /// The backup.
        file: PathBuf,
    },
    /// Show the dead letters.
    ListDeadLetters,
    /// Deliver dead letters again.
    ReplayDeadLetters {
        /// Which one; all of them when absent.
        id: Option<i64>,
    },
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// The bar is open again with the data of the backup.
    Restored {
        /// Where the data from before is kept.
        kept: Option<PathBuf>,
    },
    /// The dead letters.
    DeadLetters(Vec<Letter>),
    /// What became of each.
    Replayed(Vec<Replayed>),
    /// It was not done, for this reason.
    Refused(String),
}

/// Why a bar could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the bar that has {} open did not answer: {source}. Look at its log.", folder.display())]
pub struct AskError {
    folder: PathBuf,
    source: io::Error,
}

/// Where the socket lies.
fn socket_in(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}
