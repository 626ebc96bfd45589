//! Why a text is no filter pattern.

/// Why a text is no filter pattern. The words are AWS's, where AWS has words for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PatternError {
    #[error("Invalid character(s) in term '{0}'")]
    Characters(String),
    #[error("If a filter pattern starts with '{{' it must end with '}}'")]
    Unclosed,
    #[error("Invalid filter pattern: {0}")]
    Syntax(&'static str),
    #[error("This engine does not support {0} in filterPattern; use terms or a JSON pattern.")]
    Unsupported(&'static str),
}
