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
}

impl ApiError {
    /// An error the caller can mend (HTTP 400).
    pub fn client(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: 400, members: Map::new() }
    }

    /// `ValidationException`, which DynamoDB, Step Functions and EventBridge share.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::client("ValidationException", message)
    }

    /// Something the caller cannot mend (HTTP 500); the cause goes to the log, not to the caller.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { code: "InternalServerError", message: message.into(), status: 500, members: Map::new() }
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
        Self::internal(format!("the store failed: {error}"))
    }
}
