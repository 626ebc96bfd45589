//! Event patterns: which events a rule is interested in.
//!
//! A pattern has the shape of the event. Its leaves are lists of matchers, of which one must match; all its fields must
//! match. `$or` at any level takes a list of patterns, of which one must match.

mod matcher;
mod parse;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;

use self::matcher::Matcher;
use crate::error::ApiError;

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    root: Fields,
}

/// What an object of the event must be like.
#[derive(Debug, Clone, PartialEq, Default)]
struct Fields {
    fields: Vec<(String, Condition)>,
    /// For each `$or`: the patterns of which one must match.
    alternatives: Vec<Vec<Fields>>,
}

/// What one field must be like.
#[derive(Debug, Clone, PartialEq)]
enum Condition {
    AnyOf(Vec<Matcher>),
    Within(Fields),
}

impl Pattern {
    /// Parses the JSON text of a pattern.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        parse::pattern(text).map(|root| Self { root }).map_err(|reason| {
            let message = format!("Event pattern is not valid. Reason: {reason}");
            ApiError::client("InvalidEventPatternException", message)
        })
    }

    /// Whether `event`, the whole envelope, matches.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        self.root.match_object(Some(event))
    }
}

impl Fields {
    /// Whether `value`, an object or a list with one that matches, is as wanted. An absent object still matches fields
    /// that must not exist.
    fn matches(&self, value: Option<&Value>) -> bool {
        match value {
            Some(Value::Array(items)) => {
                items.iter().any(|item| self.matches(Some(item))) || (items.is_empty() && self.match_object(None))
            }
            other => self.match_object(other),
        }
    }

    fn match_object(&self, value: Option<&Value>) -> bool {
        let field = |name: &str| value.and_then(|value| value.as_object()).and_then(|members| members.get(name));
        self.fields.iter().all(|(name, condition)| condition.matches(field(name)))
            && self.alternatives.iter().all(|either| either.iter().any(|fields| fields.match_object(value)))
    }
}

impl Condition {
    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::AnyOf(matchers) => matchers.iter().any(|matcher| matcher.matches(value)),
            Self::Within(fields) => fields.matches(value),
        }
    }
}

/// Parsed patterns by their text. The same text always means the same, so this is never out of date.
#[derive(Default)]
pub(crate) struct PatternCache {
    parsed: Mutex<HashMap<String, Arc<Pattern>>>,
}

impl fmt::Debug for PatternCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PatternCache(..)")
    }
}

impl PatternCache {
    /// More patterns than any sensible set of rules has; beyond it the cache begins anew.
    const CAPACITY: usize = 10_000;

    /// The pattern of this text.
    pub(crate) fn get(&self, text: &str) -> Result<Arc<Pattern>, ApiError> {
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = parsed.get(text) {
            return Ok(Arc::clone(pattern));
        }
        if parsed.len() >= Self::CAPACITY {
            parsed.clear();
        }
        let pattern = Arc::new(Pattern::parse(text)?);
        parsed.insert(text.to_owned(), Arc::clone(&pattern));
        Ok(pattern)
    }
}

#[cfg(test)]
mod tests;
