//! The schema of a table: keys, indexes, billing mode and time to live.

use serde::{Deserialize, Serialize};

use super::{
    Result,
    number::Number,
    value::{AttributeValue, Item},
};
use crate::{clock::Timestamp, error::ApiError};

/// The type of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum KeyType {
    /// String, ordered by its UTF-8 bytes.
    S,
    /// Number, ordered by value.
    N,
    /// Binary, ordered as unsigned bytes.
    B,
}

/// One attribute of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeyAttribute {
    pub(super) name: String,
    pub(super) kind: KeyType,
}

/// The partition key and the optional sort key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeySchema {
    pub(super) hash: KeyAttribute,
    pub(super) range: Option<KeyAttribute>,
}

/// The attributes that an index projects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Projection {
    /// All attributes.
    All,
    /// The keys of the table and of the index.
    KeysOnly,
    /// The keys and these attributes.
    Include(Vec<String>),
}

/// Provisioned read and write units per second; described, never enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Throughput {
    pub(super) read: i64,
    pub(super) write: i64,
}

/// A secondary index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    /// Number of the index within its table, from 1; 0 is the table itself.
    pub(super) number: i64,
    pub(super) name: String,
    pub(super) keys: KeySchema,
    pub(super) projection: Projection,
    /// Whether it is global. A local index has the table's partition key.
    pub(super) global: bool,
    pub(super) throughput: Option<Throughput>,
}

/// A table definition, stored as JSON in `ddb_tables`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    /// The row in `ddb_tables`; never reused after the table is deleted.
    #[serde(skip)]
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) created: Timestamp,
    pub(super) attributes: Vec<KeyAttribute>,
    pub(super) keys: KeySchema,
    pub(super) indexes: Vec<Index>,
    /// `None` is PAY_PER_REQUEST.
    pub(super) throughput: Option<Throughput>,
    /// The attribute of UpdateTimeToLive.
    pub(super) time_to_live: Option<String>,
    pub(super) deletion_protection: bool,
}

/// An encoded key; `sort` is empty if the schema has no sort key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) partition: Vec<u8>,
    pub(super) sort: Vec<u8>,
}

impl KeyType {
    /// `S`, `N` or `B`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
        }
    }

    /// The type with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::S, Self::N, Self::B].into_iter().find(|kind| kind.name() == name)
    }

    /// The sortable bytes of a value; `None` if it has another type.
    pub(super) fn encode(self, value: &AttributeValue) -> Option<Vec<u8>> {
        match (self, value) {
            (Self::S, AttributeValue::S(text)) => Some(text.as_bytes().to_vec()),
            (Self::N, AttributeValue::N(number)) => Some(Number::ordered_bytes(*number)),
            (Self::B, AttributeValue::B(bytes)) => Some(bytes.0.clone()),
            _ => None,
        }
    }
}

impl KeySchema {
    /// The partition key, then the sort key.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.hash).chain(&self.range)
    }

    /// Whether the attribute is part of the key.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.attributes().any(|attribute| attribute.name == name)
    }

    /// The key of an item, if it has all key attributes with the right types.
    pub(super) fn key_of(&self, item: &Item) -> Option<Key> {
        let encode = |attribute: &KeyAttribute| attribute.kind.encode(item.get(&attribute.name)?);
        let sort = match &self.range {
            Some(range) => encode(range)?,
            None => Vec::new(),
        };
        Some(Key { partition: encode(&self.hash)?, sort })
    }

    /// The key of a new item, validated as AWS does.
    pub(super) fn key_of_new(&self, item: &Item) -> Result<Key> {
        for attribute in self.attributes() {
            let Some(value) = item.get(&attribute.name) else {
                return Err(ApiError::validation(format!(
                    "One or more parameter values were invalid: Missing the key {} in the item",
                    attribute.name
                )));
            };
            if attribute.kind.encode(value).is_none() {
                return Err(ApiError::validation(format!(
                    "One or more parameter values were invalid: Type mismatch for key {} expected: {} actual: {}",
                    attribute.name,
                    attribute.kind.name(),
                    value.type_name()
                )));
            }
        }
        self.checked_key(item)
    }

    /// The key in a request's `Key`, which must have exactly the key attributes.
    pub(super) fn key_given(&self, key: &Item) -> Result<Key> {
        if key.len() != self.attributes().count() {
            return Err(mismatch());
        }
        self.checked_key(key)
    }

    fn checked_key(&self, item: &Item) -> Result<Key> {
        let key = self.key_of(item).ok_or_else(mismatch)?;
        for (attribute, bytes) in self.attributes().zip([&key.partition, &key.sort]) {
            if bytes.is_empty() {
                return Err(empty_key(attribute, None));
            }
        }
        check_length(&key)?;
        Ok(key)
    }
}

impl Table {
    /// The index with this name.
    pub(super) fn index(&self, name: &str) -> Result<&Index> {
        self.indexes
            .iter()
            .find(|index| index.name == name)
            .ok_or_else(|| ApiError::validation(format!("The table does not have the specified index: {name}")))
    }

    /// Checks that the index keys that an item has are of the right types and not empty.
    pub(super) fn check_index_keys(&self, item: &Item, by_update: bool) -> Result<()> {
        for index in &self.indexes {
            for attribute in index.keys.attributes() {
                let Some(value) = item.get(&attribute.name) else { continue };
                let Some(bytes) = attribute.kind.encode(value) else {
                    return Err(ApiError::validation(format!(
                        "One or more parameter values were invalid: Type mismatch for Index Key {} Expected: {} \
                         Actual: {} IndexName: {}",
                        attribute.name,
                        attribute.kind.name(),
                        value.type_name(),
                        index.name
                    )));
                };
                if bytes.is_empty() && by_update {
                    return Err(ApiError::validation(format!(
                        "One or more parameter values are not valid. The update expression attempted to update a \
                         secondary index key to a value that is not supported. {}",
                        empty_key_message(attribute)
                    )));
                }
                if bytes.is_empty() {
                    return Err(empty_key(attribute, Some(&index.name)));
                }
            }
            if let Some(key) = index.keys.key_of(item) {
                check_length(&key)?;
            }
        }
        Ok(())
    }

    /// Whether an index projects the attribute.
    pub(super) fn projects(&self, index: &Index, attribute: &str) -> bool {
        match &index.projection {
            Projection::All => true,
            _ if self.keys.contains(attribute) || index.keys.contains(attribute) => true,
            Projection::KeysOnly => false,
            Projection::Include(names) => names.iter().any(|name| name == attribute),
        }
    }

    /// The attributes of an item that an index projects.
    pub(super) fn projected(&self, index: &Index, item: &Item) -> Item {
        item.iter()
            .filter(|(name, _)| self.projects(index, name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// The key attributes of an item in the table or an index, as in `LastEvaluatedKey`.
    pub(super) fn place_of(&self, index: Option<&Index>, item: &Item) -> Item {
        let in_key = |name: &str| self.keys.contains(name) || index.is_some_and(|index| index.keys.contains(name));
        item.iter().filter(|(name, _)| in_key(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// When an item expires, in seconds since the epoch.
    pub(super) fn expiry_of(&self, item: &Item) -> Option<i64> {
        match item.get(self.time_to_live.as_ref()?)? {
            AttributeValue::N(number) => number.to_i64(),
            _ => None,
        }
    }
}

/// AWS's error for a key whose attributes or types are not those of the schema.
pub(super) fn mismatch() -> ApiError {
    ApiError::validation("The provided key element does not match the schema")
}

/// AWS's error for an empty string or binary in a key of the table, or of the index of that name.
pub(super) fn empty_key(attribute: &KeyAttribute, index_name: Option<&str>) -> ApiError {
    let rule = empty_key_message(attribute);
    let name = &attribute.name;
    ApiError::validation(match index_name {
        None => format!("One or more parameter values are not valid. {rule} Key: {name}"),
        Some(index) => format!(
            "One or more parameter values are not valid. A value specified for a secondary index key is not \
             supported. {rule} IndexName: {index}, IndexKey: {name}"
        ),
    })
}

fn empty_key_message(attribute: &KeyAttribute) -> String {
    let kind = if attribute.kind == KeyType::B { "binary" } else { "string" };
    format!("The AttributeValue for a key attribute cannot contain an empty {kind} value.")
}

fn check_length(key: &Key) -> Result<()> {
    if key.partition.len() > 2048 {
        return Err(ApiError::validation(
            "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 \
             bytes",
        ));
    }
    if key.sort.len() > 1024 {
        return Err(ApiError::validation(
            "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit \
             of 1024 bytes",
        ));
    }
    Ok(())
}
