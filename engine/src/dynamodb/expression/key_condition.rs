//! Key conditions: the keys that a Query reads.

use std::ops::Bound;

use super::{
    condition::{Comparator, Condition, Operand},
    path::Path,
    placeholders::Placeholders,
};
use crate::{
    dynamodb::{
        Result,
        schema::{KeyAttribute, KeySchema, empty_key},
        value::AttributeValue,
    },
    error::ApiError,
};

/// One partition, and a range of sort keys in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dynamodb) struct KeyRange {
    pub(in crate::dynamodb) partition: Vec<u8>,
    pub(in crate::dynamodb) low: Bound<Vec<u8>>,
    pub(in crate::dynamodb) high: Bound<Vec<u8>>,
}

/// A parsed `KeyConditionExpression`, not yet checked against a schema.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::dynamodb) struct KeyCondition {
    parts: Vec<(String, Test)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Compare(Comparator, AttributeValue),
    Between(AttributeValue, AttributeValue),
    BeginsWith(AttributeValue),
}

impl KeyCondition {
    /// Parses a `KeyConditionExpression`.
    pub(in crate::dynamodb) fn parse(text: &str, placeholders: &Placeholders) -> Result<Self> {
        let condition = Condition::parse("KeyConditionExpression", text, placeholders)?;
        let mut parts = Vec::new();
        collect(condition, &mut parts)?;
        let mut names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < parts.len() {
            return Err(invalid("KeyConditionExpressions must only contain one condition per key"));
        }
        Ok(Self { parts })
    }

    /// The range of keys that meet the condition, in the table or in the index of that name.
    pub(in crate::dynamodb) fn range(&self, keys: &KeySchema, index_name: Option<&str>) -> Result<KeyRange> {
        let encode = |attribute: &KeyAttribute, value: &AttributeValue| encode(attribute, value, index_name);
        if self.parts.len() > 2 {
            return Err(ApiError::validation("Conditions can be of length 1 or 2 only"));
        }
        let missed = |name: &str| ApiError::validation(format!("Query condition missed key schema element: {name}"));
        let find = |attribute: &KeyAttribute| self.parts.iter().find(|(name, _)| *name == attribute.name);
        let (_, hash) = find(&keys.hash).ok_or_else(|| missed(&keys.hash.name))?;
        let range = keys.range.as_ref().and_then(|attribute| Some((attribute, &find(attribute)?.1)));
        if self.parts.len() == 2 && range.is_none() {
            return Err(keys.range.as_ref().map_or_else(unsupported, |attribute| missed(&attribute.name)));
        }
        let Test::Compare(Comparator::Equal, value) = hash else { return Err(unsupported()) };
        let partition = encode(&keys.hash, value)?;
        let (low, high) = match range {
            None => (Bound::Unbounded, Bound::Unbounded),
            Some((attribute, test)) => bounds(test, |value| encode(attribute, value))?,
        };
        Ok(KeyRange { partition, low, high })
    }
}

fn collect(condition: Condition, parts: &mut Vec<(String, Test)>) -> Result<()> {
    match condition {
        Condition::And(left, right) => {
            collect(*left, parts)?;
            collect(*right, parts)?;
        }
        Condition::Compare(Comparator::NotEqual, ..) => {
            return Err(operator("<>"));
        }
        Condition::Compare(comparator, Operand::Path(path), Operand::Value(value)) => {
            parts.push((name(path)?, Test::Compare(comparator, value)));
        }
        Condition::Compare(comparator, Operand::Value(value), Operand::Path(path)) => {
            let turned = match comparator {
                Comparator::Less => Comparator::Greater,
                Comparator::LessOrEqual => Comparator::GreaterOrEqual,
                Comparator::Greater => Comparator::Less,
                Comparator::GreaterOrEqual => Comparator::LessOrEqual,
                same => same,
            };
            parts.push((name(path)?, Test::Compare(turned, value)));
        }
        Condition::Between(Operand::Path(path), Operand::Value(low), Operand::Value(high)) => {
            parts.push((name(path)?, Test::Between(low, high)));
        }
        Condition::BeginsWith(Operand::Path(path), Operand::Value(prefix)) => {
            parts.push((name(path)?, Test::BeginsWith(prefix)));
        }
        Condition::Or(..) => return Err(operator("OR")),
        Condition::Not(..) => return Err(operator("NOT")),
        Condition::In(..) => return Err(operator("IN")),
        Condition::Exists(_) => return Err(operator("attribute_exists")),
        Condition::NotExists(_) => return Err(operator("attribute_not_exists")),
        Condition::HasType(..) => return Err(operator("attribute_type")),
        Condition::Contains(..) => return Err(operator("contains")),
        Condition::Compare(..) | Condition::Between(..) | Condition::BeginsWith(..) => {
            return Err(invalid("Invalid condition: each key must be compared with a value"));
        }
    }
    Ok(())
}

fn name(path: Path) -> Result<String> {
    if path.steps.is_empty() {
        Ok(path.attribute)
    } else {
        Err(invalid("KeyConditionExpressions cannot have conditions on nested attributes"))
    }
}

/// Lower and upper bound of a range of encoded keys.
type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

fn bounds(test: &Test, encode: impl Fn(&AttributeValue) -> Result<Vec<u8>>) -> Result<Bounds> {
    Ok(match test {
        Test::Compare(comparator, value) => {
            let key = encode(value)?;
            match comparator {
                Comparator::Equal => (Bound::Included(key.clone()), Bound::Included(key)),
                Comparator::Less => (Bound::Unbounded, Bound::Excluded(key)),
                Comparator::LessOrEqual => (Bound::Unbounded, Bound::Included(key)),
                Comparator::Greater => (Bound::Excluded(key), Bound::Unbounded),
                Comparator::GreaterOrEqual => (Bound::Included(key), Bound::Unbounded),
                Comparator::NotEqual => return Err(operator("<>")),
            }
        }
        Test::Between(low, high) => (Bound::Included(encode(low)?), Bound::Included(encode(high)?)),
        Test::BeginsWith(prefix) => {
            let low = encode(prefix)?;
            let high = successor(&low).map_or(Bound::Unbounded, Bound::Excluded);
            (Bound::Included(low), high)
        }
    })
}

/// The smallest bytes greater than all that begin with `prefix`.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut next = prefix.get(..=last)?.to_vec();
    *next.last_mut()? += 1;
    Some(next)
}

fn encode(attribute: &KeyAttribute, value: &AttributeValue, index_name: Option<&str>) -> Result<Vec<u8>> {
    let key = attribute.kind.encode(value).ok_or_else(|| {
        ApiError::validation(
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        )
    })?;
    if key.is_empty() { Err(empty_key(attribute, index_name)) } else { Ok(key) }
}

fn unsupported() -> ApiError {
    ApiError::validation("Query key condition not supported")
}

fn operator(operator: &str) -> ApiError {
    invalid(&format!("Invalid operator used in KeyConditionExpression: {operator}"))
}

fn invalid(what: &str) -> ApiError {
    ApiError::validation(format!("Invalid KeyConditionExpression: {what}"))
}
