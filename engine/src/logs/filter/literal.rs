//! Literals in conditions: numbers, and strings with wildcards.

use std::cmp::Ordering;

use super::{error::PatternError, scan::Scanner};

#[derive(Debug)]
pub(super) enum Literal {
    Number(Number),
    Text(Wildcard),
}

impl Literal {
    /// Quoted text is a string. A bare word is a number if it parses as one.
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, PatternError> {
        scanner.refuse_regex()?;
        if scanner.eat("\"") {
            return Ok(Self::Text(Wildcard::new(&scanner.quoted('"')?)));
        }
        let word = scanner.word(|c| c.is_ascii_alphanumeric() || "_.*+-".contains(c));
        if word.is_empty() {
            return Err(scanner.unexpected(""));
        }
        Ok(Number::parse(word).map_or_else(|| Self::Text(Wildcard::new(word)), Self::Number))
    }
}

/// A number. Whole numbers are compared exactly.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    whole: Option<i128>,
    float: f64,
}

impl Number {
    pub(super) fn parse(text: &str) -> Option<Self> {
        // `inf` and `nan` are strings here.
        let digits = text.contains(|c: char| c.is_ascii_digit());
        let numeric = digits && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
        let float = text.parse().ok().filter(|float: &f64| numeric && float.is_finite())?;
        Some(Self { whole: text.parse().ok(), float })
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self.whole, other.whole) {
            (Some(one), Some(two)) => Some(one.cmp(&two)),
            _ => self.float.partial_cmp(&other.float),
        }
    }
}

/// A string in which `*` matches any text.
#[derive(Debug)]
pub(super) struct Wildcard(Vec<String>);

impl Wildcard {
    fn new(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// Each part matches at its first occurrence, so no character is compared twice for one part.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some((first, parts)) = self.0.split_first() else { return false };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
        for part in middle {
            match rest.split_once(part.as_str()) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}
