//! Attribute values, items, and their JSON form.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::{Result, number::Number};
use crate::error::ApiError;

/// Maximum number of lists and maps around a value: AWS counts the value itself as the last of 32 levels.
const MAX_DEPTH: usize = 31;

/// An item: its attributes by name.
pub(super) type Item = BTreeMap<String, AttributeValue>;

/// An attribute value. Its serde form is DynamoDB JSON, which is also stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum AttributeValue {
    /// String.
    S(String),
    /// Number.
    N(Number),
    /// Binary.
    B(Bytes),
    /// Boolean.
    #[serde(rename = "BOOL")]
    Bool(bool),
    /// Null; the wire form carries `true`.
    #[serde(rename = "NULL")]
    Null(bool),
    /// List.
    L(Vec<AttributeValue>),
    /// Map.
    M(Item),
    /// Set of strings.
    #[serde(rename = "SS")]
    StringSet(BTreeSet<String>),
    /// Set of numbers.
    #[serde(rename = "NS")]
    NumberSet(BTreeSet<Number>),
    /// Set of binaries.
    #[serde(rename = "BS")]
    BinarySet(BTreeSet<Bytes>),
}

/// Bytes; base64 on the wire, ordered as unsigned bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl AttributeValue {
    /// Parses DynamoDB JSON and validates it as AWS does.
    pub(super) fn from_json(json: &Value) -> Result<Self> {
        Self::at_depth(json, 0)
    }

    /// DynamoDB JSON.
    pub(super) fn to_json(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|error| ApiError::internal(format!("a value cannot be written: {error}")))
    }

    /// The name of the type on the wire: `S`, `N`, `BOOL`, …
    pub(super) const fn type_name(&self) -> &'static str {
        match self {
            Self::S(_) => "S",
            Self::N(_) => "N",
            Self::B(_) => "B",
            Self::Bool(_) => "BOOL",
            Self::Null(_) => "NULL",
            Self::L(_) => "L",
            Self::M(_) => "M",
            Self::StringSet(_) => "SS",
            Self::NumberSet(_) => "NS",
            Self::BinarySet(_) => "BS",
        }
    }

    /// The size in bytes, by AWS's rules.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number.size(),
            Self::B(bytes) => bytes.0.len(),
            Self::Bool(_) | Self::Null(_) => 1,
            Self::L(list) => 3 + list.iter().map(|value| 1 + value.size()).sum::<usize>(),
            Self::M(map) => 3 + map.iter().map(|(name, value)| name.len() + 1 + value.size()).sum::<usize>(),
            Self::StringSet(set) => set.iter().map(String::len).sum(),
            Self::NumberSet(set) => set.iter().map(|number| number.size()).sum(),
            Self::BinarySet(set) => set.iter().map(|bytes| bytes.0.len()).sum(),
        }
    }

    fn at_depth(json: &Value, depth: usize) -> Result<Self> {
        if depth > MAX_DEPTH {
            return Err(ApiError::validation(
                "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond \
                 supported limit",
            ));
        }
        let object = json.as_object().ok_or_else(|| wrong_type_of("an attribute value", "an object"))?;
        let mut members = object.iter().filter(|(_, value)| !value.is_null());
        let Some((kind, value)) = members.next() else {
            return Err(ApiError::validation(
                "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
            ));
        };
        if members.next().is_some() {
            return Err(ApiError::validation(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported \
                 datatypes",
            ));
        }
        Ok(match kind.as_str() {
            "S" => Self::S(text(value, "S")?.to_owned()),
            "N" => Self::N(number(text(value, "N")?)?),
            "B" => Self::B(bytes(text(value, "B")?)?),
            "BOOL" => Self::Bool(value.as_bool().ok_or_else(|| wrong_type_of("BOOL", "a Boolean"))?),
            "NULL" => match value.as_bool() {
                Some(true) => Self::Null(true),
                Some(false) => {
                    return Err(ApiError::validation(
                        "One or more parameter values were invalid: Null attribute value types must have the value \
                         of true",
                    ));
                }
                None => return Err(wrong_type_of("NULL", "a Boolean")),
            },
            "L" => {
                let list = value.as_array().ok_or_else(|| wrong_type_of("L", "a list"))?;
                Self::L(list.iter().map(|element| Self::at_depth(element, depth + 1)).collect::<Result<_>>()?)
            }
            "M" => {
                let map = value.as_object().ok_or_else(|| wrong_type_of("M", "a map"))?;
                Self::M(attributes(map, depth + 1)?)
            }
            "SS" => Self::StringSet(set(value, "SS", "An string set  may not be empty", |text| Ok(text.to_owned()))?),
            "NS" => Self::NumberSet(set(value, "NS", "An number set  may not be empty", number)?),
            "BS" => Self::BinarySet(set(value, "BS", "Binary sets should not be empty", bytes)?),
            _ => {
                return Err(ApiError::validation(
                    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
                ));
            }
        })
    }
}

/// Parses an item or a key.
pub(super) fn item_from_json(json: &Value) -> Result<Item> {
    attributes(json.as_object().ok_or_else(|| wrong_type_of("an item", "a map"))?, 0)
}

/// An item as DynamoDB JSON.
pub(super) fn item_to_json(item: &Item) -> Result<Value> {
    item.iter()
        .map(|(name, value)| Ok((name.clone(), value.to_json()?)))
        .collect::<Result<Map<_, _>>>()
        .map(Value::from)
}

/// The size of an item in bytes, by AWS's rules. The limit is 409,600.
pub(super) fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

/// Whether values are nested deeper than an item may have them; an update can cause that.
pub(super) fn is_too_deep(item: &Item) -> bool {
    fn too_deep(value: &AttributeValue, left: usize) -> bool {
        match value {
            AttributeValue::L(list) => left == 0 || list.iter().any(|value| too_deep(value, left - 1)),
            AttributeValue::M(map) => left == 0 || map.values().any(|value| too_deep(value, left - 1)),
            _ => false,
        }
    }
    item.values().any(|value| too_deep(value, MAX_DEPTH))
}

/// `SerializationException`: a member has the wrong type.
pub(super) fn wrong_type_of(what: &str, expected: &str) -> ApiError {
    ApiError::client("SerializationException", format!("{what} must be {expected}"))
}

fn attributes(map: &Map<String, Value>, depth: usize) -> Result<Item> {
    map.iter().map(|(name, value)| Ok((name.clone(), AttributeValue::at_depth(value, depth)?))).collect()
}

fn text<'a>(value: &'a Value, kind: &str) -> Result<&'a str> {
    value.as_str().ok_or_else(|| wrong_type_of(kind, "a string"))
}

fn number(text: &str) -> Result<Number> {
    text.parse().map_err(|error: super::number::NumberError| ApiError::validation(error.to_string()))
}

fn bytes(text: &str) -> Result<Bytes> {
    BASE64.decode(text).map(Bytes).map_err(|_| wrong_type_of("B", "base64"))
}

fn set<T: Ord>(value: &Value, kind: &str, empty: &str, read: impl Fn(&str) -> Result<T>) -> Result<BTreeSet<T>> {
    let list = value.as_array().ok_or_else(|| wrong_type_of(kind, "a list"))?;
    if list.is_empty() {
        return Err(ApiError::validation(format!("One or more parameter values were invalid: {empty}")));
    }
    let mut members = BTreeSet::new();
    for element in list {
        if !members.insert(read(text(element, kind)?)?) {
            let all: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            return Err(ApiError::validation(match kind {
                "NS" => "Input collection contains duplicates".to_owned(),
                "BS" => format!(
                    "One or more parameter values were invalid: Input collection [{}]of type BS contains duplicates.",
                    all.join(", ")
                ),
                _ => format!(
                    "One or more parameter values were invalid: Input collection [{}] contains duplicates.",
                    all.join(", ")
                ),
            }));
        }
    }
    Ok(members)
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        BASE64.decode(String::deserialize(deserializer)?).map(Self).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error_text(json: Value) -> String {
        AttributeValue::from_json(&json).unwrap_err().message
    }

    #[test]
    fn every_type_reads_and_writes_as_on_the_wire() {
        let wire = json!({"a": {"S": "x"}, "b": {"N": "1.50"}, "c": {"B": "AQI="}, "d": {"BOOL": false}, "e": {"NULL": true},
            "f": {"L": [{"M": {"g": {"N": "1e2"}}}]}, "h": {"SS": ["b", "a"]}, "i": {"NS": ["10", "9"]}, "j": {"BS": ["AQ=="]}});
        let item = item_from_json(&wire).unwrap();
        let back = item_to_json(&item).unwrap();
        assert_eq!(back["b"], json!({"N": "1.5"}));
        assert_eq!(back["f"], json!({"L": [{"M": {"g": {"N": "100"}}}]}));
        assert_eq!(back["i"], json!({"NS": ["9", "10"]}));
        assert_eq!(item_from_json(&back).unwrap(), item);
        let stored: Item = serde_json::from_str(&serde_json::to_string(&item).unwrap()).unwrap();
        assert_eq!(stored, item);
    }

    #[test]
    fn malformed_values_are_refused_in_the_words_of_aws() {
        assert!(error_text(json!({})).starts_with("Supplied AttributeValue is empty"));
        assert!(
            error_text(json!({"S": "a", "N": "1"})).starts_with("Supplied AttributeValue has more than one datatypes")
        );
        assert!(error_text(json!({"NULL": false})).ends_with("must have the value of true"));
        assert!(error_text(json!({"SS": []})).ends_with("An string set  may not be empty"));
        assert!(error_text(json!({"SS": ["a", "a"]})).ends_with("Input collection [a, a] contains duplicates."));
        assert_eq!(error_text(json!({"NS": ["1", "1.0"]})), "Input collection contains duplicates");
        assert_eq!(AttributeValue::from_json(&json!({"S": 1})).unwrap_err().code, "SerializationException");
    }

    #[test]
    fn nesting_ends_at_32_levels_of_which_the_innermost_value_is_one() {
        let nested = |lists: usize| (0..lists).fold(json!({"S": "x"}), |inner, _| json!({"L": [inner]}));
        assert!(AttributeValue::from_json(&nested(31)).is_ok());
        assert!(error_text(nested(32)).starts_with("Nesting Levels have exceeded"));
    }
}
