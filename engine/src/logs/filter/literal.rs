//! What a value is compared with: a number, or a text with wildcards.

use std::cmp::Ordering;

use super::{error::PatternError, scan::Scanner};

#[derive(Debug)]
pub(super) enum Literal {
    Number(Number),
    Text(Wildcard),
}

impl Literal {
    /// Text in quotation marks is text. A bare word is a number if it reads as one.
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, PatternError> {
        scanner.refuse_regex()?;
        if scanner.take("\"") {
            return Ok(Self::Text(Wildcard::new(&scanner.quoted('"')?)));
        }
        let word = scanner.word(|c| c.is_ascii_alphanumeric() || "_.*+-".contains(c));
        if word.is_empty() {
            return Err(scanner.unexpected(""));
        }
        Ok(Number::parse(word).map_or_else(|| Self::Text(Wildcard::new(word)), Self::Number))
    }
}

/// A number; whole ones are compared to the last digit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    whole: Option<i128>,
    float: f64,
}

impl Number {
    pub(super) fn parse(text: &str) -> Option<Self> {
        // `inf` and `nan` are words here.
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

/// A text in which `*` stands for any text.
#[derive(Debug)]
pub(super) struct Wildcard(Vec<String>);

impl Wildcard {
    fn new(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// Each part is taken where it is first found, so that no character is looked at twice for one part.
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
