//! Reading the members of a request. Unsupported members are refused by name.

use serde_json::{Map, Value};

use super::{Result, value::wrong_type_of};
use crate::error::ApiError;

/// Legacy parameters of AWS's API before 2014, each with its replacement.
const LEGACY: &[(&str, &str)] = &[
    ("AttributeUpdates", "UpdateExpression"),
    ("AttributesToGet", "ProjectionExpression"),
    ("ConditionalOperator", "ConditionExpression"),
    ("Expected", "ConditionExpression"),
    ("KeyConditions", "KeyConditionExpression"),
    ("QueryFilter", "FilterExpression"),
    ("ScanFilter", "FilterExpression"),
];

/// The members of a request or of a structure in it. A null member counts as missing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Members<'a> {
    map: &'a Map<String, Value>,
}

impl<'a> Members<'a> {
    /// The members of `json`; a member that is not in `known` is an error.
    pub(super) fn new(json: &'a Value, known: &[&str]) -> Result<Self> {
        let map = json.as_object().ok_or_else(|| wrong_type_of("a structure", "an object"))?;
        for (name, value) in map {
            if value.is_null() || known.contains(&name.as_str()) {
                continue;
            }
            return Err(ApiError::validation(match LEGACY.iter().find(|(legacy, _)| legacy == name) {
                Some((_, modern)) => format!("The legacy parameter {name} is not supported: use {modern}"),
                None => format!("The parameter {name} is not supported"),
            }));
        }
        Ok(Self { map })
    }

    /// A member of any type.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// A string.
    pub(super) fn string(&self, name: &str) -> Result<Option<&'a str>> {
        self.value(name).map(|value| value.as_str().ok_or_else(|| wrong_type_of(name, "a string"))).transpose()
    }

    /// A boolean; false if missing.
    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        Ok(self.optional_flag(name)?.unwrap_or(false))
    }

    /// An optional boolean.
    pub(super) fn optional_flag(&self, name: &str) -> Result<Option<bool>> {
        self.value(name).map(|value| value.as_bool().ok_or_else(|| wrong_type_of(name, "a Boolean"))).transpose()
    }

    /// A whole number.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>> {
        self.value(name).map(|value| value.as_i64().ok_or_else(|| wrong_type_of(name, "a whole number"))).transpose()
    }

    /// A whole number that is at least `least`.
    pub(super) fn integer_from(&self, name: &str, least: i64) -> Result<Option<i64>> {
        let number = self.integer(name)?;
        match number {
            Some(number) if number < least => Err(constraint_violation(
                &number.to_string(),
                &camel(name),
                &format!("Member must have value greater than or equal to {least}"),
            )),
            _ => Ok(number),
        }
    }

    /// A list.
    pub(super) fn list(&self, name: &str) -> Result<Option<&'a Vec<Value>>> {
        self.value(name).map(|value| value.as_array().ok_or_else(|| wrong_type_of(name, "a list"))).transpose()
    }

    /// A map or structure.
    pub(super) fn object(&self, name: &str) -> Result<Option<&'a Map<String, Value>>> {
        self.value(name).map(|value| value.as_object().ok_or_else(|| wrong_type_of(name, "an object"))).transpose()
    }

    /// A required member.
    pub(super) fn required(&self, name: &str) -> Result<&'a Value> {
        self.value(name).ok_or_else(|| null_member(&camel(name)))
    }

    /// One of the names of an enumeration; the first one if missing.
    pub(super) fn one_of<const N: usize>(&self, name: &str, allowed: [&'static str; N]) -> Result<&'static str> {
        let [first, ..] = allowed.as_slice() else { return Ok("") };
        let Some(given) = self.string(name)? else { return Ok(first) };
        allowed.iter().find(|each| **each == given).copied().ok_or_else(|| {
            let set = allowed.join(", ");
            constraint_violation(given, &camel(name), &format!("Member must satisfy enum value set: [{set}]"))
        })
    }

    /// Refuses a request for item collection metrics, which are not supported.
    pub(super) fn refuse_collection_metrics(&self) -> Result<()> {
        match self.one_of("ReturnItemCollectionMetrics", ["NONE", "SIZE"])? {
            "SIZE" => {
                Err(ApiError::validation("The parameter ReturnItemCollectionMetrics is not supported: leave it out"))
            }
            _ => Ok(()),
        }
    }

    /// The table name, given as a name or an ARN.
    pub(super) fn table_name(&self) -> Result<&'a str> {
        let given = self.string("TableName")?.ok_or_else(|| {
            ApiError::validation("The parameter 'TableName' is required but was not present in the request")
        })?;
        if given.is_empty() {
            return Err(constraint_violation("", "tableName", "Member must have length greater than or equal to 1"));
        }
        Ok(plain_table_name(given))
    }
}

/// The table name in a name or an ARN.
pub(super) fn plain_table_name(given: &str) -> &str {
    match given.split_once(":table/") {
        Some((before, name)) if before.starts_with("arn:") => name,
        _ => given,
    }
}

/// AWS's error for a member that violates a constraint.
pub(super) fn constraint_violation(value: &str, path: &str, rule: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: {rule}"
    ))
}

/// AWS's error for a missing required member.
pub(super) fn null_member(path: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"
    ))
}

/// `TableName` as `tableName`, as AWS spells it in errors.
pub(super) fn camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn legacy_and_unknown_parameters_are_refused_by_name() {
        let refusal = |json: Value| Members::new(&json, &["TableName"]).unwrap_err().message;
        assert_eq!(
            refusal(json!({"Expected": {}})),
            "The legacy parameter Expected is not supported: use ConditionExpression"
        );
        assert_eq!(refusal(json!({"Tags": []})), "The parameter Tags is not supported");
    }

    #[test]
    fn a_table_may_be_named_by_its_arn() {
        let json = json!({"TableName": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"});
        assert_eq!(Members::new(&json, &["TableName"]).unwrap().table_name().unwrap(), "orders");
    }
}
