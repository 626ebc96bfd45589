//! Updates: their syntax tree, and applying them to an item.

use super::path::{Path, Step};
use crate::{
    dynamodb::{
        Result,
        number::Number,
        value::{AttributeValue, Item},
    },
    error::ApiError,
};

/// A parsed `UpdateExpression`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::dynamodb) struct Update {
    pub(super) set: Vec<(Path, SetValue)>,
    pub(super) remove: Vec<Path>,
    pub(super) add: Vec<(Path, AttributeValue)>,
    pub(super) delete: Vec<(Path, AttributeValue)>,
}

/// The right side of a SET action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SetValue {
    Of(SetOperand),
    Sum(SetOperand, SetOperand),
    Difference(SetOperand, SetOperand),
}

/// An operand of a SET action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SetOperand {
    Path(Path),
    Value(AttributeValue),
    IfNotExists(Path, Box<SetOperand>),
    ListAppend(Box<SetOperand>, Box<SetOperand>),
}

impl Update {
    /// Every path that the update writes.
    pub(in crate::dynamodb) fn paths(&self) -> impl Iterator<Item = &Path> {
        let set = self.set.iter().map(|(path, _)| path);
        let both = self.add.iter().chain(&self.delete).map(|(path, _)| path);
        set.chain(&self.remove).chain(both)
    }

    /// The item after the update. Every right side is evaluated on the item before the update.
    pub(in crate::dynamodb) fn apply(&self, item: &Item) -> Result<Item> {
        let mut values = Vec::new();
        for (path, value) in &self.set {
            values.push((path, value.evaluate(item)?));
        }
        for (path, value) in &self.add {
            values.push((path, sum_or_union(path.get(item), value)?));
        }
        let mut remove: Vec<&Path> = self.remove.iter().collect();
        for (path, value) in &self.delete {
            match path.get(item).map(|old| difference(old, value)).transpose()? {
                Some(Some(rest)) => values.push((path, rest)),
                Some(None) => remove.push(path),
                // There is nothing to remove, but the parent must exist.
                None => check_place(item, path)?,
            }
        }
        // Elements beyond the end of a list are appended in the order of their indexes, and elements are removed from
        // the end.
        values.sort_by_key(|(path, _)| *path);
        remove.sort_by(|left, right| right.cmp(left));
        let mut new = item.clone();
        for (path, value) in values {
            write(&mut new, path, value)?;
        }
        for path in remove {
            erase(&mut new, path)?;
        }
        Ok(new)
    }
}

impl SetValue {
    fn evaluate(&self, item: &Item) -> Result<AttributeValue> {
        let number = |amount: &SetOperand| match amount.evaluate(item)? {
            AttributeValue::N(number) => Ok(number),
            _ => Err(wrong_type()),
        };
        match self {
            Self::Of(amount) => amount.evaluate(item),
            Self::Sum(left, right) => number_value(number(left)?.add(number(right)?)),
            Self::Difference(left, right) => number_value(number(left)?.subtract(number(right)?)),
        }
    }
}

impl SetOperand {
    fn evaluate(&self, item: &Item) -> Result<AttributeValue> {
        match self {
            Self::Path(path) => path.get(item).cloned().ok_or_else(|| {
                ApiError::validation("The provided expression refers to an attribute that does not exist in the item")
            }),
            Self::Value(value) => Ok(value.clone()),
            Self::IfNotExists(path, fallback) => match path.get(item) {
                Some(value) => Ok(value.clone()),
                None => fallback.evaluate(item),
            },
            Self::ListAppend(first, second) => match (first.evaluate(item)?, second.evaluate(item)?) {
                (AttributeValue::L(mut list), AttributeValue::L(more)) => {
                    list.extend(more);
                    Ok(AttributeValue::L(list))
                }
                _ => Err(wrong_type()),
            },
        }
    }
}

fn sum_or_union(old: Option<&AttributeValue>, value: &AttributeValue) -> Result<AttributeValue> {
    match (old, value) {
        (None, value) => Ok(value.clone()),
        (Some(AttributeValue::N(old)), AttributeValue::N(more)) => number_value(old.add(*more)),
        (Some(AttributeValue::StringSet(old)), AttributeValue::StringSet(more)) => {
            Ok(AttributeValue::StringSet(old | more))
        }
        (Some(AttributeValue::NumberSet(old)), AttributeValue::NumberSet(more)) => {
            Ok(AttributeValue::NumberSet(old | more))
        }
        (Some(AttributeValue::BinarySet(old)), AttributeValue::BinarySet(more)) => {
            Ok(AttributeValue::BinarySet(old | more))
        }
        _ => Err(wrong_type()),
    }
}

/// The rest of a set; `None` if it is empty, because DynamoDB has no empty sets.
fn difference(old: &AttributeValue, value: &AttributeValue) -> Result<Option<AttributeValue>> {
    let (rest, empty) = match (old, value) {
        (AttributeValue::StringSet(old), AttributeValue::StringSet(less)) => {
            let rest = old - less;
            let empty = rest.is_empty();
            (AttributeValue::StringSet(rest), empty)
        }
        (AttributeValue::NumberSet(old), AttributeValue::NumberSet(less)) => {
            let rest = old - less;
            let empty = rest.is_empty();
            (AttributeValue::NumberSet(rest), empty)
        }
        (AttributeValue::BinarySet(old), AttributeValue::BinarySet(less)) => {
            let rest = old - less;
            let empty = rest.is_empty();
            (AttributeValue::BinarySet(rest), empty)
        }
        _ => return Err(wrong_type()),
    };
    Ok((!empty).then_some(rest))
}

fn write(item: &mut Item, path: &Path, value: AttributeValue) -> Result<()> {
    let Some((last, before)) = path.steps.split_last() else {
        item.insert(path.attribute.clone(), value);
        return Ok(());
    };
    match (last, parent(item, path, before)?) {
        (Step::Field(name), AttributeValue::M(map)) => {
            map.insert(name.clone(), value);
            Ok(())
        }
        (Step::Element(index), AttributeValue::L(list)) => {
            match list.get_mut(*index) {
                Some(element) => *element = value,
                None => list.push(value),
            }
            Ok(())
        }
        _ => Err(wrong_path()),
    }
}

fn erase(item: &mut Item, path: &Path) -> Result<()> {
    let Some((last, before)) = path.steps.split_last() else {
        item.remove(&path.attribute);
        return Ok(());
    };
    match (last, parent(item, path, before)?) {
        (Step::Field(name), AttributeValue::M(map)) => {
            map.remove(name);
            Ok(())
        }
        (Step::Element(index), AttributeValue::L(list)) => {
            if *index < list.len() {
                list.remove(*index);
            }
            Ok(())
        }
        _ => Err(wrong_path()),
    }
}

/// Checks that the path can hold a value.
fn check_place(item: &Item, path: &Path) -> Result<()> {
    let Some((last, before)) = path.steps.split_last() else { return Ok(()) };
    let parent = Path { attribute: path.attribute.clone(), steps: before.to_vec() };
    match (last, parent.get(item)) {
        (Step::Field(_), Some(AttributeValue::M(_))) | (Step::Element(_), Some(AttributeValue::L(_))) => Ok(()),
        _ => Err(wrong_path()),
    }
}

fn parent<'i>(item: &'i mut Item, path: &Path, before: &[Step]) -> Result<&'i mut AttributeValue> {
    let root = item.get_mut(&path.attribute).ok_or_else(wrong_path)?;
    before.iter().try_fold(root, |value, step| {
        match (step, value) {
            (Step::Field(name), AttributeValue::M(map)) => map.get_mut(name),
            (Step::Element(index), AttributeValue::L(list)) => list.get_mut(*index),
            _ => None,
        }
        .ok_or_else(wrong_path)
    })
}

fn number_value(number: std::result::Result<Number, crate::dynamodb::number::NumberError>) -> Result<AttributeValue> {
    number.map(AttributeValue::N).map_err(|error| ApiError::validation(error.to_string()))
}

fn wrong_type() -> ApiError {
    ApiError::validation("An operand in the update expression has an incorrect data type")
}

fn wrong_path() -> ApiError {
    ApiError::validation("The document path provided in the update expression is invalid for update")
}
