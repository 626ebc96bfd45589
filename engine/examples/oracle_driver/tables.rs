//! The tables that the calls use.

use serde_json::{Value, json};

use crate::call::Call;

/// The tables. Each has a hash key and may have a sort key.
pub(crate) const TABLES: [Table; 3] = [
    Table {
        name: "orders",
        hash: ("PK", "S"),
        range: Some(("SK", "S")),
        indexes: &[
            Index { name: "by-state", hash: "st", range: Some("SK"), unique: true, shows: None },
            Index { name: "by-user", hash: "us", range: None, unique: false, shows: Some(&["a", "st"]) },
            Index { name: "by-number", hash: "PK", range: Some("n"), unique: false, shows: Some(&[]) },
        ],
    },
    Table { name: "plain", hash: ("id", "S"), range: None, indexes: &[] },
    Table { name: "numbers", hash: ("h", "B"), range: Some(("r", "N")), indexes: &[] },
];

/// A table, as the generator needs it.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) hash: (&'static str, &'static str),
    pub(crate) range: Option<(&'static str, &'static str)>,
    pub(crate) indexes: &'static [Index],
}

/// An index, as the generator needs it.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) name: &'static str,
    pub(crate) hash: &'static str,
    pub(crate) range: Option<&'static str>,
    /// No two items have the same index key, so the order of the items is fixed.
    pub(crate) unique: bool,
    /// The projected attributes; `None` means all.
    pub(crate) shows: Option<&'static [&'static str]>,
}

impl Table {
    /// The table with this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// The names and types of its key.
    pub(crate) fn key(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        [Some(self.hash), self.range].into_iter().flatten()
    }

    /// The index with this name.
    pub(crate) fn index(&self, name: &str) -> Option<&'static Index> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// Whether an index projects an attribute.
    pub(crate) fn shows(&self, index: &Index, attribute: &str) -> bool {
        self.key().any(|(name, _)| name == attribute)
            || index.hash == attribute
            || index.range == Some(attribute)
            || index.shows.is_none_or(|names| names.contains(&attribute))
    }
}

/// The calls that create the tables.
pub(crate) fn create_tables() -> Vec<Call> {
    let attribute = |(name, kind): (&str, &str)| json!({"AttributeName": name, "AttributeType": kind});
    TABLES
        .iter()
        .map(|table| {
            let mut attributes: Vec<Value> = [Some(table.hash), table.range].into_iter().flatten().map(attribute).collect();
            let mut request = json!({"TableName": table.name, "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": keys(table.hash.0, table.range.map(|range| range.0))});
            if !table.indexes.is_empty() {
                attributes.extend([("st", "S"), ("us", "S"), ("n", "N")].map(attribute));
            }
            for index in table.indexes {
                let projection = match index.shows {
                    None => json!({"ProjectionType": "ALL"}),
                    Some([]) => json!({"ProjectionType": "KEYS_ONLY"}),
                    Some(names) => json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": names}),
                };
                let member =
                    if index.hash == table.hash.0 { "LocalSecondaryIndexes" } else { "GlobalSecondaryIndexes" };
                let index = json!({"IndexName": index.name, "KeySchema": keys(index.hash, index.range), "Projection": projection});
                match request[member].as_array_mut() {
                    Some(list) => list.push(index),
                    None => request[member] = json!([index]),
                }
            }
            request["AttributeDefinitions"] = Value::Array(attributes);
            Call::new("CreateTable", request)
        })
        .collect()
}

fn keys(hash: &str, range: Option<&str>) -> Value {
    let mut keys = vec![json!({"AttributeName": hash, "KeyType": "HASH"})];
    keys.extend(range.map(|range| json!({"AttributeName": range, "KeyType": "RANGE"})));
    Value::Array(keys)
}
