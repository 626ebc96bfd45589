//! Document paths: `a.b[3].c`.

use std::fmt;

use crate::dynamodb::value::{AttributeValue, Item};

/// One step into a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::dynamodb) enum Step {
    /// `.name`
    Field(String),
    /// `[3]`
    Element(usize),
}

/// A top-level attribute and the steps to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::dynamodb) struct Path {
    pub(in crate::dynamodb) attribute: String,
    pub(in crate::dynamodb) steps: Vec<Step>,
}

/// How two paths of one expression exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clash {
    /// They are equal, or one contains the other.
    Overlap,
    /// One treats a value as a map and the other as a list.
    Conflict,
}

impl Path {
    /// The value at the path.
    pub(in crate::dynamodb) fn get<'i>(&self, item: &'i Item) -> Option<&'i AttributeValue> {
        self.steps.iter().try_fold(item.get(&self.attribute)?, |value, step| match (step, value) {
            (Step::Field(name), AttributeValue::M(map)) => map.get(name),
            (Step::Element(index), AttributeValue::L(list)) => list.get(*index),
            _ => None,
        })
    }

    /// Whether and how two paths exclude each other.
    pub(super) fn clash(&self, other: &Self) -> Option<Clash> {
        if self.attribute != other.attribute {
            return None;
        }
        match self.steps.iter().zip(&other.steps).find(|(left, right)| left != right) {
            None => Some(Clash::Overlap),
            Some((Step::Field(_), Step::Element(_)) | (Step::Element(_), Step::Field(_))) => Some(Clash::Conflict),
            Some(_) => None,
        }
    }
}

impl fmt::Display for Path {
    /// `[a, b, [3]]`, as AWS writes a path in errors.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}", self.attribute)?;
        for step in &self.steps {
            match step {
                Step::Field(name) => write!(f, ", {name}")?,
                Step::Element(index) => write!(f, ", [{index}]")?,
            }
        }
        f.write_str("]")
    }
}

/// The error for the first two paths that exclude each other.
pub(super) fn find_clash<'p>(paths: impl Iterator<Item = &'p Path>) -> Option<String> {
    let mut seen: Vec<&Path> = Vec::new();
    for path in paths {
        for earlier in &seen {
            if let Some(clash) = earlier.clash(path) {
                let verb = if clash == Clash::Overlap { "overlap" } else { "conflict" };
                return Some(format!(
                    "Two document paths {verb} with each other; must remove or rewrite one of these paths; path one: \
                     {earlier}, path two: {path}"
                ));
            }
        }
        seen.push(path);
    }
    None
}
