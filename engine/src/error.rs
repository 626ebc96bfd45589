//! The error of all operations, in AWS's form.

use serde_json::{Map, Value};

/// An error as AWS's JSON protocols write it: `{"__type": code, "message": message}` and an HTTP status.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// AWS's error code without a namespace, such as `ConditionalCheckFailedException` or `TaskTimedOut`.
    pub code: &'static str,
    /// The message for the caller.
    pub message: String,
    /// The HTTP status: 400 if the caller can fix it, 500 if not; a few operations have others.
    pub status: u16,
    /// Further members of the body, such as `CancellationReasons` or `Item`.
    pub members: Map<String, Value>,
    /// Why the store cannot write at all; `None` for every other error.
    pub(crate) outage: Option<Outage>,
}

/// Why the store cannot write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    /// The disk is full.
    #[error("the disk is full, so nothing can be written: make room on the disk of the data folder")]
    Full,
    /// The disk or the file cannot be written.
    #[error("the data cannot be written: look at the disk of the data folder, and at the log of this process")]
    Refused,
}

impl ApiError {
    /// An error that the caller can fix (HTTP 400).
    pub fn client(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: 400, members: Map::new(), outage: None }
    }

    /// `ValidationException`, which DynamoDB, Step Functions and EventBridge share.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::client("ValidationException", message)
    }

    /// An error that the caller cannot fix (HTTP 500). The message goes to the log, not to the caller.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { code: "InternalServerError", message: message.into(), status: 500, members: Map::new(), outage: None }
    }

    /// The store cannot write (HTTP 500).
    pub(crate) fn outage(outage: Outage, message: impl Into<String>) -> Self {
        Self { outage: Some(outage), ..Self::internal(message) }
    }

    /// Adds a member to the body.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseCorrupt, DiskFull, NotADatabase, PermissionDenied, ReadOnly, SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::outage(Outage::Full, Outage::Full.to_string()),
            Some(CannotOpen | DatabaseCorrupt | NotADatabase | PermissionDenied | ReadOnly | SystemIoFailure) => {
                Self::outage(Outage::Refused, format!("the store failed: {error}"))
            }
            _ => Self::internal(format!("the store failed: {error}")),
        }
    }
}
