//! Filter patterns of CloudWatch Logs: terms that a message must have, or conditions on a message that is JSON.

mod error;
mod json;
mod literal;
mod scan;
mod selector;
mod terms;
#[cfg(test)]
mod tests;

pub(super) use self::error::PatternError;
use self::{json::Condition, scan::Scanner, terms::Terms};

/// A parsed filter pattern.
#[derive(Debug)]
pub(super) struct Pattern(Kind);

#[derive(Debug)]
enum Kind {
    Terms(Terms),
    Json(Condition),
}

impl Pattern {
    /// Parses a pattern. A blank pattern matches every message.
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

    /// Whether the pattern matches the message. Conditions match only JSON.
    pub(super) fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Kind::Terms(terms) => terms.matches(message),
            Kind::Json(condition) => serde_json::from_str(message).is_ok_and(|event| condition.holds(&event)),
        }
    }
}
