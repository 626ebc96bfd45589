//! The matchers at the leaves of a pattern.

use std::net::IpAddr;

use serde_json::Value;

use super::{
    network::{self, Network},
    text::TextRule,
};

/// What one value must be like.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Matcher {
    /// This very value; numbers by what they are worth, so that `300` is `3.0e2`.
    Exactly(Value),
    /// This address, however it is spelled.
    Address(IpAddr),
    /// A text of this form.
    Text(TextRule),
    /// `anything-but` with values.
    NoneOf(Vec<Value>),
    /// `anything-but` with text operators. What is no text is of no such form.
    NoText(Vec<TextRule>),
    /// Numbers within all bounds.
    Numeric(Vec<(Bound, f64)>),
    /// There is a value.
    Exists,
    /// There is none.
    Absent,
    /// An address in this network.
    Cidr(Network),
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
    /// Whether `value`, which is neither an object nor a list, is as wanted.
    pub(super) fn matches(&self, value: &Value) -> bool {
        let address = || value.as_str().and_then(network::address);
        match self {
            Self::Exactly(wanted) => same(wanted, value),
            Self::Address(wanted) => address() == Some(*wanted),
            Self::Text(rule) => value.as_str().is_some_and(|text| rule.matches(text)),
            Self::NoneOf(refused) => !refused.iter().any(|refused| same(refused, value)),
            Self::NoText(rules) => !value.as_str().is_some_and(|text| rules.iter().any(|rule| rule.matches(text))),
            Self::Numeric(bounds) => {
                value.as_f64().is_some_and(|number| bounds.iter().all(|(bound, limit)| bound.holds(number, *limit)))
            }
            Self::Exists => true,
            Self::Absent => false,
            Self::Cidr(network) => address().is_some_and(|address| network.contains(address)),
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
