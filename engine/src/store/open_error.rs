//! Why a store could not be opened.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{error::ApiError, store::files::is_full};

/// Why the store could not be opened. The file is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the store.
    #[error("{path} is in use by another process. Stop that one, or choose another data folder.", path = .0.display())]
    InUse(PathBuf),
    /// A later release wrote the store.
    #[error(
        "{path} was written by a newer release (its format is {found}, this release knows {known}). \
         Start the newer release, or choose another data folder.",
        path = .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format version.
        found: i64,
        /// The newest format version that this release knows.
        known: i64,
    },
    /// The file is the database of another program.
    #[error("{path} is not a store of this engine. Choose another data folder.", path = .0.display())]
    Foreign(PathBuf),
    /// The file is damaged.
    #[error(
        "{path} is damaged ({what}). It was left untouched: restore it from a backup, or move it away to start with an empty store.",
        path = .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite reports.
        what: String,
    },
    /// Its tables, indexes, views or triggers are not those of its format.
    #[error(
        "the structure of {path} was changed: {what}. It was left untouched. Undo the change, restore a backup with \
         `doppio restore`, or move the file away to start with an empty store.",
        path = .path.display()
    )]
    Altered {
        /// The file.
        path: PathBuf,
        /// The first difference.
        what: String,
    },
    /// The database is missing or empty, but its write-ahead log is not.
    #[error(
        "{path} is {state}, but its write-ahead log {path}-wal has {bytes} bytes that may hold orders. Nothing was \
         changed. Put {path} back from where it was moved to, together with this log; or keep a copy of the log and \
         restore a backup with `doppio restore`, which moves the log aside; or move the log away to start with an empty store.",
        path = .path.display(),
        state = if *.is_empty { "empty" } else { "missing" }
    )]
    OrphanedLog {
        /// The file.
        path: PathBuf,
        /// Whether the file exists, but is empty.
        is_empty: bool,
        /// The size of the log in bytes.
        bytes: u64,
    },
    /// The file or its folder cannot be read or written.
    #[error("{path} cannot be opened: {source}. Check that the folder may be written.", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The disk is full.
    #[error(
        "{path} cannot be opened, because the disk is full. Nothing was lost: make room on that disk and start again.",
        path = .0.display()
    )]
    Full(PathBuf),
    /// Any other error of SQLite.
    #[error("the store cannot be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The tables could not be created.
    #[error("the store cannot be prepared: {0}")]
    Schema(#[from] ApiError),
    /// A thread could not be started.
    #[error("the store's thread cannot be started: {0}")]
    Thread(io::Error),
}

/// Tells a full disk from other errors of the operating system.
pub(super) fn io_error(path: &Path, source: io::Error) -> OpenError {
    let path = path.to_owned();
    if is_full(&source) { OpenError::Full(path) } else { OpenError::Io { path, source } }
}
