//! Paths and filters, and what they select.

use std::{borrow::Cow, cmp::Ordering, fmt};

use serde_json::Value;

use crate::stepfunctions::language::budget::Budget;

/// Maximum number of values at any point of a path. With `..` and lists of indexes their number grows exponentially;
/// more than this could not fit a state's data anyway.
const MAX_MATCHES: usize = 100_000;

/// The root of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::stepfunctions::language) enum Root {
    /// `$`: the state's data.
    Data,
    /// `$$`: the context object.
    Context,
}

/// A parsed path, with its text for messages.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) struct Path {
    pub(super) text: String,
    pub(super) root: Root,
    pub(super) segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    /// `..`: at any depth.
    pub(super) descend: bool,
    pub(super) selector: Selector,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selector {
    Names(Vec<String>),
    Indexes(Vec<i64>),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Wildcard,
    Filter(Filter),
}

/// A path selects nothing; the message says where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::stepfunctions::language) struct Missing(pub(in crate::stepfunctions::language) String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Path {
    /// The path as written.
    pub(in crate::stepfunctions::language) fn text(&self) -> &str {
        &self.text
    }

    pub(in crate::stepfunctions::language) fn root(&self) -> Root {
        self.root
    }

    /// Whether this is a reference path: names and indexes only.
    pub(in crate::stepfunctions::language) fn is_reference(&self) -> bool {
        self.segments.iter().all(Segment::is_single)
    }

    /// The value in `root`: for a reference path the value itself, otherwise an array of all matches. As in AWS, that
    /// array may be empty, even if the names before a wildcard are missing.
    pub(in crate::stepfunctions::language) fn select<'v>(&self, root: &'v Value) -> Result<Cow<'v, Value>, Missing> {
        if self.is_reference() {
            return self.select_single(root).map(Cow::Borrowed);
        }
        let too_many = || Missing(format!("The path {} selects too much", self.text));
        let mut found = vec![root];
        for segment in &self.segments {
            let mut next = Vec::new();
            for value in found {
                next.append(&mut segment.matches(value, root));
                if next.len() > MAX_MATCHES {
                    return Err(too_many());
                }
            }
            found = next;
        }
        let mut budget = Budget::default();
        for value in &found {
            budget.spend(value).map_err(|_| too_many())?;
        }
        Ok(Cow::Owned(Value::Array(found.into_iter().cloned().collect())))
    }

    fn select_single<'v>(&self, root: &'v Value) -> Result<&'v Value, Missing> {
        let mut here = root;
        for (depth, segment) in self.segments.iter().enumerate() {
            here = segment.single(here).ok_or_else(|| self.missing_segment(depth, here))?;
        }
        Ok(here)
    }

    /// Says where a path ends: the segment of this depth does not exist in `here`.
    fn missing_segment(&self, depth: usize, here: &Value) -> Missing {
        let prefix: String = self.segments.iter().take(depth + 1).map(Segment::to_string).collect();
        let is_last = depth + 1 == self.segments.len();
        Missing(match (self.segments.get(depth).map(|segment| &segment.selector), here) {
            (Some(Selector::Names(_)), Value::Object(_)) if is_last => format!("No results for path: ${prefix}"),
            (Some(Selector::Names(_)), Value::Object(_)) => format!("Missing property in path ${prefix}"),
            (Some(Selector::Indexes(_)), Value::Array(_)) => {
                format!("Index out of bounds when evaluating path ${prefix}")
            }
            _ => format!("Expected to find something at path ${prefix} but found {}", type_name(here)),
        })
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.descend {
            f.write_str("..")?;
        }
        match &self.selector {
            Selector::Names(names) => write!(f, "['{}']", names.join("','")),
            Selector::Indexes(indexes) => {
                let indexes: Vec<String> = indexes.iter().map(i64::to_string).collect();
                write!(f, "[{}]", indexes.join(","))
            }
            Selector::Slice { .. } => f.write_str("[:]"),
            Selector::Wildcard => f.write_str("[*]"),
            Selector::Filter(_) => f.write_str("[?]"),
        }
    }
}

impl Segment {
    pub(super) fn is_single(&self) -> bool {
        !self.descend
            && match &self.selector {
                Selector::Names(names) => names.len() == 1,
                Selector::Indexes(indexes) => indexes.len() == 1,
                _ => false,
            }
    }

    fn single<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match &self.selector {
            Selector::Names(names) => value.as_object()?.get(names.first()?),
            Selector::Indexes(indexes) => at(value.as_array()?, *indexes.first()?),
            _ => None,
        }
    }

    fn matches<'v>(&self, value: &'v Value, root: &'v Value) -> Vec<&'v Value> {
        let mut found = self.selector.matches(value, root);
        if self.descend {
            found.extend(children(value).flat_map(|child| self.matches(child, root)));
        }
        found
    }
}

impl Selector {
    fn matches<'v>(&self, value: &'v Value, root: &'v Value) -> Vec<&'v Value> {
        match (self, value) {
            (Self::Names(names), Value::Object(members)) => names.iter().filter_map(|name| members.get(name)).collect(),
            (Self::Indexes(indexes), Value::Array(items)) => {
                indexes.iter().filter_map(|index| at(items, *index)).collect()
            }
            (Self::Slice { start, end, step }, Value::Array(items)) => slice(items, *start, *end, *step),
            (Self::Wildcard, _) => children(value).collect(),
            (Self::Filter(filter), Value::Array(items)) => {
                items.iter().filter(|item| filter.accepts(item, root)).collect()
            }
            (Self::Filter(filter), Value::Object(_)) if filter.accepts(value, root) => vec![value],
            _ => Vec::new(),
        }
    }
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// The item at an index; negative indexes count from the end.
fn at(items: &[Value], index: i64) -> Option<&Value> {
    items.get(resolve(index, items.len())?)
}

pub(super) fn resolve(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    usize::try_from(if index < 0 { index + length } else { index }).ok()
}

fn slice(items: &[Value], start: Option<i64>, end: Option<i64>, step: i64) -> Vec<&Value> {
    let clamp = |index: i64| resolve(index, items.len()).unwrap_or(0).min(items.len());
    let (from, to) = (clamp(start.unwrap_or(0)), end.map_or(items.len(), clamp));
    let step = usize::try_from(step).unwrap_or(1).max(1);
    items.iter().take(to).skip(from).step_by(step).collect()
}

/// A condition on one item.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    Not(Box<Filter>),
    Exists(Operand),
    Compare(Operand, Operator, Operand),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Literal(Value),
    /// `@…` (relative to the item) or `$…` (from the root).
    Path {
        from_root: bool,
        segments: Vec<Segment>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    LessOrEqual,
    GreaterOrEqual,
    Less,
    Greater,
}

impl Filter {
    pub(super) fn accepts(&self, item: &Value, root: &Value) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.accepts(item, root)),
            Self::All(parts) => parts.iter().all(|part| part.accepts(item, root)),
            Self::Not(part) => !part.accepts(item, root),
            Self::Exists(operand) => operand.value(item, root).is_some(),
            Self::Compare(left, operator, right) => {
                let (left, right) = (left.value(item, root), right.value(item, root));
                match (left, right) {
                    (Some(left), Some(right)) => operator.holds(left, right),
                    _ => *operator == Operator::NotEqual,
                }
            }
        }
    }
}

impl Operand {
    fn value<'v>(&'v self, item: &'v Value, root: &'v Value) -> Option<&'v Value> {
        match self {
            Self::Literal(value) => Some(value),
            Self::Path { from_root, segments } => {
                let start = if *from_root { root } else { item };
                segments.iter().try_fold(start, |value, segment| segment.single(value))
            }
        }
    }
}

impl Operator {
    fn holds(self, left: &Value, right: &Value) -> bool {
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => {
                left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right))
            }
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            _ if left == right => Some(Ordering::Equal),
            _ => None,
        };
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Self::Less => order == Some(Ordering::Less),
            Self::Greater => order == Some(Ordering::Greater),
        }
    }
}
