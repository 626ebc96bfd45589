//! Choice rules: comparisons, combined with And, Or and Not.

use std::cmp::Ordering;

use serde_json::Value;

use super::{
    data::{Data, StateError},
    date_time::DateTime,
    path::Path,
};

mod parse;
#[cfg(test)]
mod tests;

/// A condition on a state's data.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    And(Vec<Rule>),
    Or(Vec<Rule>),
    Not(Box<Rule>),
    Test { variable: Path, test: Test },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Compare {
        kind: Kind,
        order: Order,
        with: Operand,
    },
    /// `StringMatches`.
    Matches(String),
    /// `IsPresent`, `IsNull`, …: the property, and the expected value.
    Is(Property, bool),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Literal(Value),
    Path(Path),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    Numeric,
    Boolean,
    Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equals,
    LessThan,
    GreaterThan,
    LessThanEquals,
    GreaterThanEquals,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    Present,
    Null,
    Numeric,
    String,
    Boolean,
    Timestamp,
}

impl Rule {
    /// Whether the condition holds. A path that selects nothing is an error, except for `IsPresent`.
    pub(super) fn holds(&self, data: Data<'_>) -> Result<bool, StateError> {
        match self {
            Self::And(rules) => {
                for rule in rules {
                    if !rule.holds(data)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(rules) => {
                for rule in rules {
                    if rule.holds(data)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(rule) => Ok(!rule.holds(data)?),
            Self::Test { variable, test } => test.holds(variable, data),
        }
    }
}

impl Test {
    fn holds(&self, variable: &Path, data: Data<'_>) -> Result<bool, StateError> {
        if let Self::Is(Property::Present, wanted) = self {
            let found = data.select(variable);
            let is_present = found.is_ok_and(|value| variable.is_reference() || value.as_array() != Some(&Vec::new()));
            return Ok(is_present == *wanted);
        }
        let value = select(variable, data)?;
        Ok(match self {
            Self::Is(property, wanted) => property.holds_for(&value) == *wanted,
            Self::Matches(pattern) => value.as_str().is_some_and(|text| matches(pattern, text)),
            Self::Compare { kind, order, with } => {
                let with = match with {
                    Operand::Literal(literal) => literal.clone(),
                    Operand::Path(path) => select(path, data)?,
                };
                kind.compare(&value, &with).is_some_and(|found| order.accepts(found))
            }
        })
    }
}

fn select(path: &Path, data: Data<'_>) -> Result<Value, StateError> {
    match data.select(path) {
        Ok(value) => Ok(value.into_owned()),
        Err(_) => Err(StateError::runtime(format!(
            "Invalid path '{}': The choice state's condition path references an invalid value.",
            path.text()
        ))),
    }
}

impl Property {
    fn holds_for(self, value: &Value) -> bool {
        match self {
            Self::Present => true,
            Self::Null => value.is_null(),
            Self::Numeric => value.is_number(),
            Self::String => value.is_string(),
            Self::Boolean => value.is_boolean(),
            Self::Timestamp => value.as_str().and_then(DateTime::parse).is_some(),
        }
    }
}

impl Kind {
    /// The order of two values of this kind; `None` if either is of another kind.
    fn compare(self, left: &Value, right: &Value) -> Option<Ordering> {
        match self {
            Self::String => Some(left.as_str()?.cmp(right.as_str()?)),
            Self::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
            Self::Timestamp => Some(DateTime::parse(left.as_str()?)?.cmp(&DateTime::parse(right.as_str()?)?)),
            Self::Numeric => match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
            },
        }
    }
}

impl Order {
    fn accepts(self, found: Ordering) -> bool {
        match self {
            Self::Equals => found.is_eq(),
            Self::LessThan => found.is_lt(),
            Self::GreaterThan => found.is_gt(),
            Self::LessThanEquals => found.is_le(),
            Self::GreaterThanEquals => found.is_ge(),
        }
    }
}

/// `StringMatches`: `*` matches any characters; `\*` and `\\` are escapes.
fn matches(pattern: &str, text: &str) -> bool {
    let mut literals = vec![String::new()];
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let literal = match c {
            '*' => {
                literals.push(String::new());
                continue;
            }
            '\\' => chars.next(),
            c => Some(c),
        };
        if let Some(last) = literals.last_mut() {
            last.extend(literal);
        }
    }
    let Some((first, rest)) = literals.split_first() else { return text.is_empty() };
    let Some(mut text) = text.strip_prefix(first.as_str()) else { return false };
    let Some((last, middle)) = rest.split_last() else { return text.is_empty() };
    for literal in middle {
        match text.split_once(literal.as_str()) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    text.ends_with(last.as_str())
}
