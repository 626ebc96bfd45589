//! The errors of Lambda's API.

use crate::{api::context::Transaction, error::ApiError};

pub(super) fn function_not_found(tx: &Transaction<'_>, name: &str) -> ApiError {
    not_found(format!("Function not found: {}", tx.context.arn("lambda", format_args!("function:{name}"))))
}

pub(super) fn not_found(message: impl Into<String>) -> ApiError {
    let mut error = ApiError::client("ResourceNotFoundException", message);
    error.status = 404;
    error
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterValueException", message)
}

pub(super) fn conflict(message: impl Into<String>) -> ApiError {
    let mut error = ApiError::client("ResourceConflictException", message);
    error.status = 409;
    error
}

pub(super) fn already_exists(name: &str) -> ApiError {
    // AWS's message, including its grammar.
    conflict(format!("Function already exist: {name}"))
}
