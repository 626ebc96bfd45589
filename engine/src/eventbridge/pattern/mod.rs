//! Event patterns: which events a rule is interested in.
//!
//! A pattern has the shape of the event. Its leaves are lists of matchers, of which one must match; all its fields must
//! match. `$or` at any level takes a list of patterns, of which one must match. What AWS documents is completed by what
//! its open-source matcher does: paths are joined by dots, and fields of one object are sought in one item of a list.

mod leaves;
mod matcher;
mod network;
mod parse;
mod text;
mod tokens;

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

pub(crate) use self::leaves::Leaves;
use self::{leaves::Place, matcher::Matcher, parse::Fields};
use crate::error::ApiError;

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    /// The ways to match, of which one must.
    ways: Vec<Fields>,
}

impl Pattern {
    /// Parses the JSON text of a pattern.
    ///
    /// # Errors
    /// `InvalidEventPatternException` with AWS's reason.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        parse::pattern(text).map(|ways| Self { ways }).map_err(|reason| {
            let message = format!("Event pattern is not valid. Reason: {reason}");
            ApiError::client("InvalidEventPatternException", message)
        })
    }

    /// Whether the event, the whole envelope, matches.
    pub(crate) fn matches(&self, event: &Leaves<'_>) -> bool {
        self.ways.iter().any(|fields| all_match(fields, event))
    }
}

/// Whether each field finds a value, all of them in the same items of lists.
fn all_match(fields: &Fields, event: &Leaves<'_>) -> bool {
    let mut places: Vec<Place> = vec![Place::new()];
    let mut fields = fields.iter();
    while let Some((path, matchers)) = fields.next() {
        let node = event.at(path);
        let mut next = Vec::new();
        for place in &places {
            let mut absent = matchers.contains(&Matcher::Absent);
            if let Some(node) = node {
                node.within(place, &mut |value, here| {
                    absent = false;
                    if matchers.iter().any(|matcher| matcher.matches(value)) {
                        next.push(here.clone());
                    }
                });
            }
            if absent {
                next.push(place.clone());
            }
        }
        // Where the fields so far were found matters only in lists in which later fields are, too. Forgetting the rest
        // keeps the number of places small.
        if next.iter().any(|place| !place.is_empty()) {
            let mut later = HashSet::new();
            fields.clone().filter_map(|(path, _)| event.at(path)).for_each(|node| node.lists(&mut later));
            next.iter_mut().for_each(|place| place.retain(|(list, _)| later.contains(list)));
        }
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            return false;
        }
        places = next;
    }
    true
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
