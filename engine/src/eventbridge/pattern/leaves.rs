//! An event as patterns see it: its values by their paths, each with the list items it is in.
//!
//! `{"a": {"b": 1}}` and `{"a.b": 1}` are the same to a pattern. Of `{"a": [{"b": 1}, {"b": 2}]}` the path `a.b` has two
//! values; fields of one pattern must find theirs in the same item of a list.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

/// In which item of which list something is, the outer list first. Lists are numbered as they come.
pub(super) type Place = Vec<(u32, u32)>;

/// The values of one path.
#[derive(Debug, Default)]
pub(super) struct Node<'e> {
    values: Vec<&'e Value>,
    lists: BTreeMap<u32, BTreeMap<u32, Node<'e>>>,
}

/// The values of an event.
#[derive(Debug, Default)]
pub(crate) struct Leaves<'e> {
    by_path: HashMap<String, Node<'e>>,
    lists: u32,
}

impl<'e> Leaves<'e> {
    /// Takes an event apart.
    pub(crate) fn of(event: &'e Value) -> Self {
        let mut leaves = Self::default();
        leaves.take(event, "", &mut Vec::new());
        leaves
    }

    pub(super) fn at(&self, path: &str) -> Option<&Node<'e>> {
        self.by_path.get(path)
    }

    fn take(&mut self, value: &'e Value, path: &str, place: &mut Place) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.take(member, &inner, place);
                }
            }
            Value::Array(items) => {
                let list = self.lists;
                self.lists = self.lists.saturating_add(1);
                for (index, item) in (0u32..).zip(items) {
                    // Plain values of a list belong together with everything: only objects have fields of their own.
                    let inside = item.is_object() || item.is_array();
                    if inside {
                        place.push((list, index));
                    }
                    self.take(item, path, place);
                    if inside {
                        place.pop();
                    }
                }
            }
            plain => {
                let mut node = self.by_path.entry(path.to_owned()).or_default();
                for (list, index) in place {
                    node = node.lists.entry(*list).or_default().entry(*index).or_default();
                }
                node.values.push(plain);
            }
        }
    }
}

impl<'e> Node<'e> {
    /// Calls `found` with each value that is in no other item of a list than `place` says, and with where it is.
    pub(super) fn within(&self, place: &Place, found: &mut impl FnMut(&'e Value, &Place)) {
        self.walk(place, &mut place.clone(), found);
    }

    fn walk(&self, wanted: &Place, here: &mut Place, found: &mut impl FnMut(&'e Value, &Place)) {
        self.values.iter().for_each(|value| found(value, here));
        for (list, items) in &self.lists {
            if let Some((_, index)) = wanted.iter().find(|(known, _)| known == list) {
                if let Some(item) = items.get(index) {
                    item.walk(wanted, here, found);
                }
                continue;
            }
            for (index, item) in items {
                here.push((*list, *index));
                item.walk(wanted, here, found);
                here.pop();
            }
        }
    }

    /// Adds the lists in which values of this path are.
    pub(super) fn lists(&self, known: &mut HashSet<u32>) {
        known.extend(self.lists.keys());
        self.lists.values().flat_map(BTreeMap::values).for_each(|item| item.lists(known));
    }
}
