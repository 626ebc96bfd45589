//! Evaluates conditions.

use std::{borrow::Cow, cmp::Ordering};

use super::condition::{Comparator, Condition, Operand};
use crate::dynamodb::{
    number::Number,
    value::{AttributeValue, Item},
};

impl Condition {
    /// Whether the condition holds for the item. Callers pass an empty item if there is none.
    pub(in crate::dynamodb) fn holds(&self, item: &Item) -> bool {
        match self {
            Self::Compare(comparator, left, right) => compare(*comparator, left.value(item), right.value(item)),
            Self::Between(value, low, high) => {
                let value = value.value(item);
                compare(Comparator::GreaterOrEqual, value.clone(), low.value(item))
                    && compare(Comparator::LessOrEqual, value, high.value(item))
            }
            Self::In(value, choices) => {
                let value = value.value(item);
                choices.iter().any(|choice| compare(Comparator::Equal, value.clone(), choice.value(item)))
            }
            Self::Exists(path) => path.get(item).is_some(),
            Self::NotExists(path) => path.get(item).is_none(),
            Self::HasType(path, kind) => path.get(item).is_some_and(|value| value.type_name() == kind),
            Self::BeginsWith(value, prefix) => match (value.value(item).as_deref(), prefix.value(item).as_deref()) {
                (Some(AttributeValue::S(text)), Some(AttributeValue::S(prefix))) => text.starts_with(prefix.as_str()),
                (Some(AttributeValue::B(bytes)), Some(AttributeValue::B(prefix))) => bytes.0.starts_with(&prefix.0),
                _ => false,
            },
            Self::Contains(value, part) => match (value.value(item), part.value(item)) {
                (Some(value), Some(part)) => contains(&value, &part),
                _ => false,
            },
            Self::And(left, right) => left.holds(item) && right.holds(item),
            Self::Or(left, right) => left.holds(item) || right.holds(item),
            Self::Not(inner) => !inner.holds(item),
        }
    }
}

impl Operand {
    fn value<'v>(&'v self, item: &'v Item) -> Option<Cow<'v, AttributeValue>> {
        match self {
            Self::Path(path) => path.get(item).map(Cow::Borrowed),
            Self::Value(value) => Some(Cow::Borrowed(value)),
            Self::Size(operand) => {
                let size = match operand.value(item)?.as_ref() {
                    // AWS counts UTF-16 code units.
                    AttributeValue::S(text) => text.encode_utf16().count(),
                    AttributeValue::B(bytes) => bytes.0.len(),
                    AttributeValue::L(list) => list.len(),
                    AttributeValue::M(map) => map.len(),
                    AttributeValue::StringSet(set) => set.len(),
                    AttributeValue::NumberSet(set) => set.len(),
                    AttributeValue::BinarySet(set) => set.len(),
                    AttributeValue::N(_) | AttributeValue::Bool(_) | AttributeValue::Null(_) => return None,
                };
                size.to_string().parse::<Number>().ok().map(|size| Cow::Owned(AttributeValue::N(size)))
            }
        }
    }
}

/// The order of two strings, numbers or binaries; `None` for other types.
pub(super) fn order(left: &AttributeValue, right: &AttributeValue) -> Option<Ordering> {
    match (left, right) {
        (AttributeValue::S(left), AttributeValue::S(right)) => Some(left.cmp(right)),
        (AttributeValue::N(left), AttributeValue::N(right)) => Some(left.cmp(right)),
        (AttributeValue::B(left), AttributeValue::B(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// The value of an operand; `None` if its path selects nothing.
type OperandValue<'v> = Option<Cow<'v, AttributeValue>>;

/// With a missing operand every comparison is false except `<>`, which is the negation of `=`.
fn compare(comparator: Comparator, left: OperandValue<'_>, right: OperandValue<'_>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return comparator == Comparator::NotEqual };
    let order = || order(&left, &right);
    match comparator {
        Comparator::Equal => left == right,
        Comparator::NotEqual => left != right,
        Comparator::Less => order().is_some_and(Ordering::is_lt),
        Comparator::LessOrEqual => order().is_some_and(Ordering::is_le),
        Comparator::Greater => order().is_some_and(Ordering::is_gt),
        Comparator::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
    }
}

fn contains(value: &AttributeValue, part: &AttributeValue) -> bool {
    match (value, part) {
        (AttributeValue::S(text), AttributeValue::S(part)) => text.contains(part.as_str()),
        (AttributeValue::B(bytes), AttributeValue::B(part)) => {
            part.0.is_empty() || bytes.0.windows(part.0.len()).any(|window| window == part.0)
        }
        (AttributeValue::StringSet(set), AttributeValue::S(part)) => set.contains(part),
        (AttributeValue::NumberSet(set), AttributeValue::N(part)) => set.contains(part),
        (AttributeValue::BinarySet(set), AttributeValue::B(part)) => set.contains(part),
        (AttributeValue::L(list), part) => list.contains(part),
        _ => false,
    }
}
