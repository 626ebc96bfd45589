//! Filter patterns of CloudWatch Logs: terms that a message must have, or conditions on a message that is JSON.

mod json;
mod literal;
mod scan;
mod selector;
mod terms;
#[cfg(test)]
mod tests;

use self::{json::Condition, scan::Scanner, terms::Terms};

/// A filter pattern that was read.
#[derive(Debug)]
pub(super) struct Pattern(Kind);

#[derive(Debug)]
enum Kind {
    Terms(Terms),
    Json(Condition),
}

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

impl Pattern {
    /// Reads a pattern. A blank one takes every message.
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        if text.starts_with('[') {
            return Err(PatternError::Unsupported("a space-delimited pattern ([a, b, ...])"));
        }
        match text.strip_prefix('{') {
            Some(inner) => {
                let inner = inner.strip_suffix('}').ok_or(PatternError::Unclosed)?;
                Ok(Self(Kind::Json(json::parse(Scanner::new(inner))?)))
            }
            None => Ok(Self(Kind::Terms(Terms::parse(Scanner::new(text))?))),
        }
    }

    /// Whether the pattern takes the message. Conditions take no message that is not JSON.
    pub(super) fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Kind::Terms(terms) => terms.matches(message),
            Kind::Json(condition) => serde_json::from_str(message).is_ok_and(|event| condition.holds(&event)),
        }
    }
}
