//! Projections: the requested parts of an item.

use std::collections::BTreeMap;

use super::{
    parser::Parser,
    path::{Path, Step, find_clash},
    placeholders::Placeholders,
};
use crate::dynamodb::{
    Result,
    value::{AttributeValue, Item},
};

/// Parses a `ProjectionExpression`.
pub(in crate::dynamodb) fn parse(text: &str, placeholders: &Placeholders) -> Result<Vec<Path>> {
    let mut parser = Parser::new("ProjectionExpression", text, placeholders)?;
    let mut paths = vec![parser.path()?];
    while parser.eat(",") {
        paths.push(parser.path()?);
    }
    parser.end()?;
    match find_clash(paths.iter()) {
        Some(clash) => Err(parser.invalid(clash)),
        None => Ok(paths),
    }
}

/// The values at `paths`, in maps and lists as in the item; list elements close up.
pub(in crate::dynamodb) fn project(item: &Item, paths: &[Path]) -> Item {
    let mut tree: BTreeMap<&str, PathTree<'_>> = BTreeMap::new();
    for path in paths {
        tree.entry(&path.attribute).or_default().add(&path.steps);
    }
    tree.iter().filter_map(|(name, wanted)| Some(((*name).to_owned(), wanted.project(item.get(*name)?)?))).collect()
}

/// The paths below one value, as a tree. A leaf selects the whole value.
#[derive(Debug, Default)]
struct PathTree<'p> {
    fields: BTreeMap<&'p str, PathTree<'p>>,
    elements: BTreeMap<usize, PathTree<'p>>,
}

impl<'p> PathTree<'p> {
    fn add(&mut self, steps: &'p [Step]) {
        match steps.split_first() {
            None => {}
            Some((Step::Field(name), rest)) => self.fields.entry(name).or_default().add(rest),
            Some((Step::Element(index), rest)) => self.elements.entry(*index).or_default().add(rest),
        }
    }

    fn project(&self, value: &AttributeValue) -> Option<AttributeValue> {
        if self.fields.is_empty() && self.elements.is_empty() {
            return Some(value.clone());
        }
        match value {
            AttributeValue::M(map) => {
                let selected: Item = self
                    .fields
                    .iter()
                    .filter_map(|(name, wanted)| Some(((*name).to_owned(), wanted.project(map.get(*name)?)?)))
                    .collect();
                (!selected.is_empty()).then_some(AttributeValue::M(selected))
            }
            AttributeValue::L(list) => {
                let selected: Vec<_> =
                    self.elements.iter().filter_map(|(index, wanted)| wanted.project(list.get(*index)?)).collect();
                (!selected.is_empty()).then_some(AttributeValue::L(selected))
            }
            _ => None,
        }
    }
}
