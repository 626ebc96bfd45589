//! Conversions between JSON and DynamoDB attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Number, Value};

/// An item in the types of the SDK.
pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(values) => AttributeValue::L(values.iter().map(attribute).collect()),
        Value::Object(members) => AttributeValue::M(item(members)),
    }
}

pub(crate) fn item(members: &Map<String, Value>) -> Item {
    members.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// The JSON of an attribute. Sets and binary values, which the converted items never contain, become `null`.
pub(crate) fn json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Bool(flag) => Value::Bool(*flag),
        AttributeValue::N(digits) => digits.parse::<Number>().map_or(Value::Null, Value::Number),
        AttributeValue::S(text) => Value::String(text.clone()),
        AttributeValue::L(values) => values.iter().map(json).collect(),
        AttributeValue::M(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), json(value))).collect())
        }
        _ => Value::Null,
    }
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn get_text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub(crate) fn get_number<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

pub(crate) fn get_flag(item: &Item, name: &str) -> Option<bool> {
    item.get(name)?.as_bool().ok().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_survives_the_conversion_to_attributes() {
        let value = serde_json::json!({"a": [1, "x", true, null, {"b": -2.5}], "c": {}});
        assert_eq!(json(&attribute(&value)), value);
    }
}
