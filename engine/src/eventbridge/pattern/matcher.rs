//! The matchers at the leaves of a pattern.

use std::net::IpAddr;

use serde_json::Value;

use super::{
    cidr::{self, Cidr},
    string_matcher::StringMatcher,
};

/// A condition on one value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Matcher {
    /// Equality. Numbers are compared by value, so `300` equals `3.0e2`.
    Exactly(Value),
    /// The same IP address in any spelling.
    Address(IpAddr),
    /// A string operator.
    Text(StringMatcher),
    /// `anything-but` with values.
    AnythingBut(Vec<Value>),
    /// `anything-but` with string operators. A value that is not a string matches.
    AnythingButText(Vec<StringMatcher>),
    /// `numeric`: a number within all bounds.
    Numeric(Vec<(Bound, f64)>),
    /// `exists: true`.
    Exists,
    /// `exists: false`.
    Absent,
    /// `cidr`: an IP address in this range.
    Cidr(Cidr),
}

/// A comparison operator of `numeric`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bound {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Matcher {
    /// Whether the condition holds for `value`, which is neither an object nor an array.
    pub(super) fn matches(&self, value: &Value) -> bool {
        let address = || value.as_str().and_then(cidr::parse_address);
        match self {
            Self::Exactly(wanted) => equal(wanted, value),
            Self::Address(wanted) => address() == Some(*wanted),
            Self::Text(rule) => value.as_str().is_some_and(|text| rule.matches(text)),
            Self::AnythingBut(refused) => !refused.iter().any(|refused| equal(refused, value)),
            Self::AnythingButText(rules) => {
                !value.as_str().is_some_and(|text| rules.iter().any(|rule| rule.matches(text)))
            }
            Self::Numeric(bounds) => {
                value.as_f64().is_some_and(|number| bounds.iter().all(|(bound, limit)| bound.holds(number, *limit)))
            }
            Self::Exists => true,
            Self::Absent => false,
            Self::Cidr(network) => address().is_some_and(|address| network.contains(address)),
        }
    }
}

fn equal(one: &Value, other: &Value) -> bool {
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
