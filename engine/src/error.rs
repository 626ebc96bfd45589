//! The one error shape that leaves the engine: AWS's.

use serde_json::{Map, Value};

/// An error as AWS's JSON protocols carry it: `{"__type": code, "message": message}` with an HTTP status.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// AWS's name of the error without a namespace, such as `ConditionalCheckFailedException` or `TaskTimedOut`.
    pub code: &'static str,
    /// What AWS says to the caller.
    pub message: String,
    /// 400 for everything the caller can mend, 500 for what they cannot.
    pub status: u16,
    /// Further members of the body, such as `CancellationReasons` or `Item`.
    pub members: Map<String, Value>,
    /// Why the store can write nothing at all; `None` for every other error.
    pub(crate) outage: Option<Outage>,
}

/// Why the store can write nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    /// The disk is full.
    #[error("the disk is full, so nothing can be written: make room on the disk of the data folder")]
    Full,
    /// The disk or the file refuses.
    #[error("the data cannot be written: look at the disk of the data folder, and at the log of this process")]
    Refused,
}

impl ApiError {
    /// An error the caller can mend (HTTP 400).
    pub fn client(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: 400, members: Map::new(), outage: None }
    }

    /// `ValidationException`, which DynamoDB, Step Functions and EventBridge share.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::client("ValidationException", message)
    }

    /// Something the caller cannot mend (HTTP 500); the cause goes to the log, not to the caller.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { code: "InternalServerError", message: message.into(), status: 500, members: Map::new(), outage: None }
    }

    /// The store can write nothing (HTTP 500).
    pub(crate) fn outage(outage: Outage, message: impl Into<String>) -> Self {
        Self { outage: Some(outage), ..Self::internal(message) }
    }

    /// The same error with a further member in its body.
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
