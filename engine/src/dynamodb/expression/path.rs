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

/// An attribute and the steps from it to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::dynamodb) struct Path {
    pub(in crate::dynamodb) attribute: String,
    pub(in crate::dynamodb) steps: Vec<Step>,
}

/// How two paths of one expression get in each other's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clash {
    /// One is the other or lies inside it.
    Overlap,
    /// One takes a value for a map and the other for a list.
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

    /// Whether and how two paths clash.
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
    /// `[a, b, [3]]`, as AWS names a path in its errors.
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

/// The first clash among `paths`, in AWS's words.
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
