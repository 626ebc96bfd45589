//! Why the account could not be made ready.

use aws_sdk_dynamodb::error::DisplayErrorContext;

/// Why the account could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// One of our own files is broken.
    #[error("workflow/{file} cannot be used: {message}")]
    File {
        /// The file.
        file: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The cloud refused or did not answer.
    #[error("{what} could not be set up: {message}")]
    Refused {
        /// What was to be made.
        what: String,
        /// What the cloud says.
        message: String,
    },
    /// Something is not there and it is not ours to make.
    #[error(
        "{what} is not there. Deploy the stack first (see deploy/README.md), in the same region and with the same --table-prefix."
    )]
    Missing {
        /// What is missing.
        what: String,
    },
}

impl ProvisionError {
    pub(super) fn refused(what: impl Into<String>, error: impl std::error::Error) -> Self {
        Self::Refused { what: what.into(), message: DisplayErrorContext(error).to_string() }
    }

    /// A state machine is missing.
    pub(super) fn missing(workflow: &str) -> Self {
        Self::Missing { what: format!("workflow {workflow}") }
    }
}
