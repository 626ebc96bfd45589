//! The error of a filter pattern.

/// Why a text is not a filter pattern, in AWS's words where AWS has this error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::logs) enum PatternError {
    #[error("Invalid character(s) in term '{0}'")]
    Characters(String),
    #[error("If a filter pattern starts with '{{' it must end with '}}'")]
    Unclosed,
    #[error("Invalid filter pattern: {0}")]
    Syntax(&'static str),
    #[error("This engine does not support {0} in filterPattern; use terms or a JSON pattern.")]
    Unsupported(&'static str),
}
