//! Event patterns: which events a rule selects.
//!
//! A pattern has the structure of the event. Its leaves are lists of matchers; a field matches if one of them does, and
//! all fields must match. `$or` at any level is a list of patterns, of which one must match. Where AWS's documentation
//! is silent, this follows its open-source matcher: paths are joined by dots, and the fields of one object are matched
//! within one element of an array.

mod cidr;
mod flat_event;
mod matcher;
mod parse;
mod string_matcher;
mod tokens;

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

pub(crate) use self::flat_event::FlatEvent;
use self::{flat_event::ArrayPositions, matcher::Matcher, parse::Fields};
use crate::error::ApiError;

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    /// The alternatives from `$or`; one must match.
    alternatives: Vec<Fields>,
}

impl Pattern {
    /// Parses the JSON text of a pattern.
    ///
    /// # Errors
    /// `InvalidEventPatternException` with AWS's reason.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        parse::pattern(text).map(|alternatives| Self { alternatives }).map_err(|reason| {
            let message = format!("Event pattern is not valid. Reason: {reason}");
            ApiError::client("InvalidEventPatternException", message)
        })
    }

    /// Whether the event, the whole envelope, matches.
    pub(crate) fn matches(&self, event: &FlatEvent<'_>) -> bool {
        self.alternatives.iter().any(|fields| all_match(fields, event))
    }
}

/// Whether each field has a matching value, all in the same elements of arrays.
fn all_match(fields: &Fields, event: &FlatEvent<'_>) -> bool {
    let mut places: Vec<ArrayPositions> = vec![ArrayPositions::new()];
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
        // Positions matter only in arrays that later fields are in, too. Dropping the others keeps the number of
        // candidates small.
        if next.iter().any(|place| !place.is_empty()) {
            let mut later = HashSet::new();
            fields.clone().filter_map(|(path, _)| event.at(path)).for_each(|node| node.arrays(&mut later));
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

/// Parsed patterns by their text. An entry never becomes outdated.
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
    /// More patterns than any realistic set of rules has. The cache is cleared when it is full.
    const CAPACITY: usize = 10_000;

    /// The parsed pattern.
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
