//! Why a sub-command failed.

use std::path::PathBuf;

use engine::{
    OpenError,
    backup::{BackupError, RestoreError},
    error::ApiError,
};

use crate::control::{AskError, Reply};

/// Why a sub-command failed.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    /// The backup failed.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The restore failed.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The data cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no data.
    #[error("{} does not exist. Name the data folder with --data-dir.", .0.display())]
    Missing(PathBuf),
    /// A running server has the data open and has no control socket.
    #[error("{} is in use by a server without a control socket. Stop it and try again.", .0.display())]
    OutOfReach(PathBuf),
    /// The running server did not reply.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The running server refused the request.
    #[error("{0}")]
    Refused(String),
    /// The data cannot be read or written.
    #[error("the data cannot be read or written: {0}")]
    Store(Box<ApiError>),
    /// The system provides no threads or files.
    #[error("cannot start: {0}")]
    Runtime(#[from] std::io::Error),
}

impl From<ApiError> for OperateError {
    fn from(error: ApiError) -> Self {
        Self::Store(Box::new(error))
    }
}

/// The error for a reply that does not fit the request.
pub(super) fn unexpected(reply: &Reply) -> OperateError {
    match reply {
        Reply::Refused(why) => OperateError::Refused(why.clone()),
        other => OperateError::Refused(format!("the server is of another release: it answered {other:?}")),
    }
}

/// The error for data that a server without control socket has open.
pub(super) fn out_of_reach(error: OpenError) -> OperateError {
    match error {
        OpenError::InUse(path) => OperateError::OutOfReach(path),
        error => error.into(),
    }
}
