//! The matchers at the leaves of a pattern.

use std::net::IpAddr;

use serde_json::Value;

/// What one value must be like.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Matcher {
    /// This very value; numbers by what they are worth, so that `300` is `3.0e2`.
    Exactly(Value),
    /// A text of this form.
    Text(TextRule),
    /// `anything-but` with values.
    NoneOf(Vec<Value>),
    /// `anything-but` with text operators.
    NoText(Vec<TextRule>),
    /// Numbers within all bounds.
    Numeric(Vec<(Bound, f64)>),
    /// Whether there is a value at all.
    Exists(bool),
    /// An address in this network.
    Cidr(Network),
}

/// What a text must be like. The folded forms hold lower case.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextRule {
    Prefix(String),
    FoldedPrefix(String),
    Suffix(String),
    FoldedSuffix(String),
    Folded(String),
    Wildcard(Wildcard),
}

/// A comparison of `numeric`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bound {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Matcher {
    /// Whether `value` is as wanted. Of a list, one item has to be.
    pub(super) fn matches(&self, value: Option<&Value>) -> bool {
        match value {
            // Existence is a matter of leaves: an object or an empty list has none of its own.
            None | Some(Value::Object(_)) => *self == Self::Exists(false),
            Some(Value::Array(items)) if items.is_empty() => *self == Self::Exists(false),
            Some(Value::Array(items)) => items.iter().any(|item| self.matches(Some(item))),
            Some(scalar) => self.matches_scalar(scalar),
        }
    }

    fn matches_scalar(&self, value: &Value) -> bool {
        match self {
            Self::Exactly(wanted) => same(wanted, value),
            Self::Text(rule) => value.as_str().is_some_and(|text| rule.matches(text)),
            Self::NoneOf(refused) => !refused.iter().any(|refused| same(refused, value)),
            Self::NoText(rules) => value.as_str().is_some_and(|text| !rules.iter().any(|rule| rule.matches(text))),
            Self::Numeric(bounds) => {
                value.as_f64().is_some_and(|number| bounds.iter().all(|(bound, limit)| bound.holds(number, *limit)))
            }
            Self::Exists(wanted) => *wanted,
            Self::Cidr(network) => {
                value.as_str().and_then(|text| text.parse().ok()).is_some_and(|address| network.contains(address))
            }
        }
    }
}

fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

impl Bound {
    fn holds(self, number: f64, limit: f64) -> bool {
        match self {
            Self::Equal => number == limit,
            Self::Less => number < limit,
            Self::AtMost => number <= limit,
            Self::Greater => number > limit,
            Self::AtLeast => number >= limit,
        }
    }
}

impl TextRule {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix),
            Self::FoldedPrefix(prefix) => text.to_lowercase().starts_with(prefix),
            Self::Suffix(suffix) => text.ends_with(suffix),
            Self::FoldedSuffix(suffix) => text.to_lowercase().ends_with(suffix),
            Self::Folded(folded) => text.to_lowercase() == *folded,
            Self::Wildcard(wildcard) => wildcard.matches(text),
        }
    }
}

/// A text with `*` for any characters, also none: the pieces between the stars.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wildcard {
    pieces: Vec<String>,
}

impl Wildcard {
    /// `\*` and `\\` stand for themselves; two stars in a row are refused, as in AWS.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = vec![String::new()];
        let mut characters = text.chars();
        let mut behind_star = false;
        while let Some(character) = characters.next() {
            let literal = match character {
                '*' if behind_star => return Err(format!("Consecutive wildcard characters at \"{text}\"")),
                '*' => {
                    behind_star = true;
                    pieces.push(String::new());
                    continue;
                }
                '\\' => match characters.next() {
                    Some(escaped @ ('*' | '\\')) => escaped,
                    _ => return Err(format!("Invalid escape character at \"{text}\"")),
                },
                literal => literal,
            };
            behind_star = false;
            if let Some(last) = pieces.last_mut() {
                last.push(literal);
            }
        }
        Ok(Self { pieces })
    }

    fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.pieces.as_slice() else {
            return self.pieces.iter().any(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        // Taking each piece at its first place leaves the most for those behind it, so this never misses a match.
        for piece in middle {
            match rest.split_once(piece.as_str()) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    pub(super) fn new(address: IpAddr, bits: u32) -> Option<Self> {
        let most = if address.is_ipv4() { 32 } else { 128 };
        (bits <= most).then_some(Self { address, bits })
    }

    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let shift = 32 - self.bits;
                let network = |bits: u32| bits.checked_shr(shift).unwrap_or(0);
                network(ours.to_bits()) == network(theirs.to_bits())
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let shift = 128 - self.bits;
                let network = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
                network(ours.to_bits()) == network(theirs.to_bits())
            }
            _ => false,
        }
    }
}
