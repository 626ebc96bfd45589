//! A write to one item, for PutItem, UpdateItem, DeleteItem and the actions of TransactWriteItems.

use rusqlite::Connection;
use serde_json::Value;

use super::{
    Result,
    capacity::{Usage, write_units},
    expression::{condition::Condition, path::Path, placeholders::Placeholders, update::Update},
    request::Members,
    rows,
    schema::{Key, Table},
    value::{Item, is_too_deep, item_from_json, item_size},
};
use crate::error::ApiError;

/// Maximum size of an item in bytes.
pub(super) const MAX_ITEM: usize = 409_600;

/// The members for the item and the condition, which all writes share.
pub(super) const WRITE_MEMBERS: [&str; 5] = [
    "TableName",
    "ConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnValuesOnConditionCheckFailure",
];

/// The change to the item.
#[derive(Debug)]
pub(super) enum Change {
    /// Replace it.
    Put(Item),
    /// Update it, or create it with this key.
    Update(Item, Update),
    /// Delete it.
    Delete(Item),
    /// Leave it unchanged: a ConditionCheck.
    Check(Item),
}

/// A parsed write, validated as far as possible without the table.
#[derive(Debug)]
pub(super) struct Write<'r> {
    pub(super) table_name: &'r str,
    pub(super) change: Change,
    condition: Option<Condition>,
    /// Whether a failed condition returns the item.
    returns_item: bool,
}

/// The item before and after a write.
#[derive(Debug)]
pub(super) struct Effect {
    pub(super) old: Option<Item>,
    pub(super) new: Option<Item>,
}

impl<'r> Write<'r> {
    /// A put of the member `Item`.
    pub(super) fn put(members: &Members<'r>) -> Result<Self> {
        let table_name = members.table_name()?;
        let item = item_from_json(members.required("Item")?)?;
        let placeholders = Placeholders::from(members, &["ConditionExpression"])?;
        let condition = condition(members, &placeholders)?;
        placeholders.finish()?;
        if item_size(&item) > MAX_ITEM {
            return Err(ApiError::validation("Item size has exceeded the maximum allowed size"));
        }
        Self::new(members, table_name, Change::Put(item), condition)
    }

    /// An update of the item with the member `Key`.
    pub(super) fn update(members: &Members<'r>) -> Result<Self> {
        let table_name = members.table_name()?;
        let key = item_from_json(members.required("Key")?)?;
        let placeholders = Placeholders::from(members, &["UpdateExpression", "ConditionExpression"])?;
        let update = match members.string("UpdateExpression")? {
            Some(text) => Update::parse(text, &placeholders)?,
            None => Update::default(),
        };
        let condition = condition(members, &placeholders)?;
        placeholders.finish()?;
        Self::new(members, table_name, Change::Update(key, update), condition)
    }

    /// A deletion of the item with the member `Key`.
    pub(super) fn delete(members: &Members<'r>) -> Result<Self> {
        Self::of_key(members, Change::Delete)
    }

    /// A ConditionCheck of the item with the member `Key`.
    pub(super) fn check(members: &Members<'r>) -> Result<Self> {
        members.required("ConditionExpression")?;
        Self::of_key(members, Change::Check)
    }

    /// The key of the item, validated against the schema of the table.
    pub(super) fn locate(&self, table: &Table) -> Result<Key> {
        match &self.change {
            Change::Put(item) => {
                let key = table.keys.key_of_new(item)?;
                table.check_index_keys(item, false)?;
                Ok(key)
            }
            Change::Delete(key) | Change::Check(key) => table.keys.key_given(key),
            Change::Update(key, update) => {
                let place = table.keys.key_given(key)?;
                match update.paths().find(|path| table.keys.contains(&path.attribute)) {
                    None => Ok(place),
                    Some(Path { attribute, .. }) => Err(ApiError::validation(format!(
                        "One or more parameter values were invalid: Cannot update attribute {attribute}. This \
                         attribute is part of the key"
                    ))),
                }
            }
        }
    }

    /// Checks the condition and makes the change.
    ///
    /// # Errors
    /// `ConditionalCheckFailedException`, or an update that does not fit the existing item.
    pub(super) fn apply(&self, conn: &Connection, table: &Table, key: &Key) -> Result<Effect> {
        let old = rows::read(conn, table, key)?;
        if let Some(condition) = &self.condition {
            let nothing = Item::new();
            if !condition.holds(old.as_ref().unwrap_or(&nothing)) {
                let failure = ApiError::client("ConditionalCheckFailedException", "The conditional request failed");
                return Err(match old.filter(|_| self.returns_item) {
                    Some(item) => failure.with("Item", super::value::item_to_json(&item)?),
                    None => failure,
                });
            }
        }
        let new = match &self.change {
            Change::Check(_) => return Ok(Effect { new: old.clone(), old }),
            Change::Delete(_) => None,
            Change::Put(item) => Some(item.clone()),
            Change::Update(key, update) => {
                let new = update.apply(old.as_ref().unwrap_or(key))?;
                table.check_index_keys(&new, true)?;
                if is_too_deep(&new) {
                    return Err(ApiError::validation("Nesting Levels have exceeded supported limits"));
                }
                if item_size(&new) > MAX_ITEM {
                    return Err(ApiError::validation("Item size to update has exceeded the maximum allowed size"));
                }
                Some(new)
            }
        };
        if old != new {
            rows::replace(conn, table, key, old.as_ref(), new.as_ref())?;
        }
        Ok(Effect { old, new })
    }

    fn of_key(members: &Members<'r>, change: fn(Item) -> Change) -> Result<Self> {
        let table_name = members.table_name()?;
        let key = item_from_json(members.required("Key")?)?;
        let placeholders = Placeholders::from(members, &["ConditionExpression"])?;
        let condition = condition(members, &placeholders)?;
        placeholders.finish()?;
        Self::new(members, table_name, change(key), condition)
    }

    fn new(members: &Members<'r>, table_name: &'r str, change: Change, condition: Option<Condition>) -> Result<Self> {
        let returns_item = members.one_of("ReturnValuesOnConditionCheckFailure", ["NONE", "ALL_OLD"])? == "ALL_OLD";
        Ok(Self { table_name, change, condition, returns_item })
    }
}

impl Effect {
    /// The units that the write consumes.
    pub(super) fn usage(&self, table: &Table) -> Usage {
        let mut usage = Usage::default();
        self.add_usage(table, 1.0, &mut usage);
        usage
    }

    /// Adds the units to those of other writes. In a transaction the table has `factor` 2; its indexes do not.
    pub(super) fn add_usage(&self, table: &Table, factor: f64, usage: &mut Usage) {
        let size = |item: &Option<Item>| item.as_ref().map_or(0, item_size);
        usage.add_table(factor * write_units(size(&self.old).max(size(&self.new))));
        for index in &table.indexes {
            let entry = |item: &Option<Item>| {
                let item = item.as_ref()?;
                Some((index.keys.key_of(item)?, table.projected(index, item)))
            };
            let units = match (entry(&self.old), entry(&self.new)) {
                (Some((old_key, old)), Some((new_key, new))) if old_key == new_key => {
                    if old == new {
                        continue;
                    }
                    write_units(item_size(&old).max(item_size(&new)))
                }
                (Some((_, old)), Some((_, new))) => write_units(item_size(&old)) + write_units(item_size(&new)),
                (Some((_, only)), None) | (None, Some((_, only))) => write_units(item_size(&only)),
                (None, None) => continue,
            };
            usage.add_index(index, units);
        }
    }
}

fn condition(members: &Members<'_>, placeholders: &Placeholders) -> Result<Option<Condition>> {
    let text = members.string("ConditionExpression")?;
    text.map(|text| Condition::parse("ConditionExpression", text, placeholders)).transpose()
}

/// The members that all writes share, and `others`.
pub(super) fn members_of<'r>(request: &'r Value, others: &[&str]) -> Result<Members<'r>> {
    let known: Vec<&str> = WRITE_MEMBERS.iter().chain(others).copied().collect();
    Members::new(request, &known)
}
