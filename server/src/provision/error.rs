//! Why the account is not ready.

use aws_sdk_dynamodb::error::DisplayErrorContext;

/// Why the account is not ready.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// A file of `workflow/` is not valid.
    #[error("workflow/{file} cannot be used: {message}")]
    File {
        file: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The cloud refused a request or did not answer.
    #[error("{what} could not be set up: {message}")]
    Refused {
        /// What was to be created.
        what: String,
        /// The error of the cloud.
        message: String,
    },
    /// Something does not exist, and the stack has to create it.
    #[error(
        "{what} is not there. Deploy the stack first (see deploy/README.md), in the same region and with the same --table-prefix."
    )]
    Missing { what: String },
}

impl ProvisionError {
    pub(super) fn refused(what: impl Into<String>, error: impl std::error::Error) -> Self {
        Self::Refused { what: what.into(), message: DisplayErrorContext(error).to_string() }
    }

    pub(super) fn missing(workflow: &str) -> Self {
        Self::Missing { what: format!("workflow {workflow}") }
    }
}
