//! Why a sub-command did nothing.

use std::path::PathBuf;

use engine::{
    OpenError,
    error::ApiError,
    store::{BackupError, RestoreError},
};

use crate::control::{AskError, Reply};

/// Why a sub-command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    /// The backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The restore.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The data cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is none.
    #[error("{} is not there. Name the data folder of the bar with --data-dir.", .0.display())]
    Missing(PathBuf),
    /// A bar has the data open and has no control socket.
    #[error("{} is open in a bar that cannot be asked. Stop it, and try again.", .0.display())]
    OutOfReach(PathBuf),
    /// The bar did not answer.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The bar would not.
    #[error("{0}")]
    Refused(String),
    /// The data failed.
    #[error("the data cannot be read or written: {0}")]
    Store(Box<ApiError>),
    /// The system gave no threads.
    #[error("cannot start: {0}")]
    Runtime(#[from] std::io::Error),
}

impl From<ApiError> for OperateError {
    fn from(error: ApiError) -> Self {
        Self::Store(Box::new(error))
    }
}

/// A reply to another request than ours.
pub(super) fn unexpected(reply: &Reply) -> OperateError {
    match reply {
        Reply::Refused(why) => OperateError::Refused(why.clone()),
        other => OperateError::Refused(format!("the bar is of another release: it answered {other:?}")),
    }
}

/// An open store that nobody answered for.
pub(super) fn out_of_reach(error: OpenError) -> OperateError {
    match error {
        OpenError::InUse(path) => OperateError::OutOfReach(path),
        error => error.into(),
    }
}
