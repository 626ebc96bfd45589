//! An event flattened for matching: its values by path, each with its positions in arrays.
//!
//! To a pattern `{"a": {"b": 1}}` and `{"a.b": 1}` are the same. In `{"a": [{"b": 1}, {"b": 2}]}` the path `a.b` has
//! two values; the fields of one pattern must match values in the same element of an array.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

/// Array and index, for each array that contains a value, the outermost first. Arrays are numbered in order of
/// appearance.
pub(super) type ArrayPositions = Vec<(u32, u32)>;

/// The values of one path.
#[derive(Debug, Default)]
pub(super) struct FieldValues<'e> {
    values: Vec<&'e Value>,
    arrays: BTreeMap<u32, BTreeMap<u32, FieldValues<'e>>>,
}

/// A flattened event.
#[derive(Debug, Default)]
pub(crate) struct FlatEvent<'e> {
    by_path: HashMap<String, FieldValues<'e>>,
    arrays: u32,
}

impl<'e> FlatEvent<'e> {
    /// Flattens an event.
    pub(crate) fn of(event: &'e Value) -> Self {
        let mut flat = Self::default();
        flat.flatten(event, "", &mut Vec::new());
        flat
    }

    pub(super) fn at(&self, path: &str) -> Option<&FieldValues<'e>> {
        self.by_path.get(path)
    }

    fn flatten(&mut self, value: &'e Value, path: &str, positions: &mut ArrayPositions) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.flatten(member, &inner, positions);
                }
            }
            Value::Array(items) => {
                let array = self.arrays;
                self.arrays = self.arrays.saturating_add(1);
                for (index, item) in (0u32..).zip(items) {
                    // Scalar elements match in combination with any other field: only objects have fields of their own.
                    let inside = item.is_object() || item.is_array();
                    if inside {
                        positions.push((array, index));
                    }
                    self.flatten(item, path, positions);
                    if inside {
                        positions.pop();
                    }
                }
            }
            plain => {
                let mut node = self.by_path.entry(path.to_owned()).or_default();
                for (array, index) in positions {
                    node = node.arrays.entry(*array).or_default().entry(*index).or_default();
                }
                node.values.push(plain);
            }
        }
    }
}

impl<'e> FieldValues<'e> {
    /// Calls `found` with each value, and its positions, that is compatible with `positions`: in the same element of
    /// each array that both are in.
    pub(super) fn within(&self, positions: &ArrayPositions, found: &mut impl FnMut(&'e Value, &ArrayPositions)) {
        self.walk(positions, &mut positions.clone(), found);
    }

    fn walk(
        &self,
        wanted: &ArrayPositions,
        here: &mut ArrayPositions,
        found: &mut impl FnMut(&'e Value, &ArrayPositions),
    ) {
        self.values.iter().for_each(|value| found(value, here));
        for (array, items) in &self.arrays {
            if let Some((_, index)) = wanted.iter().find(|(known, _)| known == array) {
                if let Some(item) = items.get(index) {
                    item.walk(wanted, here, found);
                }
                continue;
            }
            for (index, item) in items {
                here.push((*array, *index));
                item.walk(wanted, here, found);
                here.pop();
            }
        }
    }

    /// Adds the arrays that contain values of this path.
    pub(super) fn arrays(&self, known: &mut HashSet<u32>) {
        known.extend(self.arrays.keys());
        self.arrays.values().flat_map(BTreeMap::values).for_each(|item| item.arrays(known));
    }
}
