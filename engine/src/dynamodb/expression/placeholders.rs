//! A request's `ExpressionAttributeNames` and `ExpressionAttributeValues`.

use std::{cell::RefCell, collections::BTreeSet};

use serde_json::{Map, Value};

use crate::{
    dynamodb::{
        Result,
        request::Members,
        value::{AttributeValue, wrong_type_of},
    },
    error::ApiError,
};

/// The names and values behind `#name` and `:value`, and which of them the expressions have used.
#[derive(Debug, Default)]
pub(in crate::dynamodb) struct Placeholders {
    names: Vec<(String, String)>,
    values: Vec<(String, AttributeValue)>,
    used: RefCell<BTreeSet<String>>,
}

impl Placeholders {
    /// Reads both members; `expressions` are the request members that may use them.
    pub(in crate::dynamodb) fn from(members: &Members<'_>, expressions: &[&str]) -> Result<Self> {
        let with_values: Vec<&str> =
            expressions.iter().copied().filter(|name| *name != "ProjectionExpression").collect();
        let given = |names: &[&str]| names.iter().any(|name| members.value(name).is_some());
        let names = match members.object("ExpressionAttributeNames")? {
            Some(_) if !given(expressions) => {
                return Err(ApiError::validation(
                    "ExpressionAttributeNames can only be specified when using expressions",
                ));
            }
            Some(map) => read_names(map)?,
            None => Vec::new(),
        };
        let values = match members.value("ExpressionAttributeValues") {
            Some(_) if !given(&with_values) => {
                let are = if with_values.len() > 1 { "are" } else { "is" };
                return Err(ApiError::validation(format!(
                    "ExpressionAttributeValues can only be specified when using expressions: {} {are} null",
                    with_values.join(" and ")
                )));
            }
            Some(Value::Object(map)) => read_values(map)?,
            Some(_) => return Err(wrong_type_of("ExpressionAttributeValues", "an object")),
            None => Vec::new(),
        };
        Ok(Self { names, values, used: RefCell::default() })
    }

    /// The attribute name behind `#name`.
    pub(super) fn name(&self, placeholder: &str) -> Option<&str> {
        let (_, name) = self.names.iter().find(|(name, _)| name == placeholder)?;
        self.used.borrow_mut().insert(placeholder.to_owned());
        Some(name)
    }

    /// The value behind `:value`.
    pub(super) fn value(&self, placeholder: &str) -> Option<&AttributeValue> {
        let (_, value) = self.values.iter().find(|(name, _)| name == placeholder)?;
        self.used.borrow_mut().insert(placeholder.to_owned());
        Some(value)
    }

    /// Refuses placeholders that no expression has used.
    pub(in crate::dynamodb) fn finish(&self) -> Result<()> {
        let used = self.used.borrow();
        let unused = |names: &mut dyn Iterator<Item = &String>| {
            names.filter(|name| !used.contains(*name)).map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        for (member, unused) in [
            ("ExpressionAttributeValues", unused(&mut self.values.iter().map(|(name, _)| name))),
            ("ExpressionAttributeNames", unused(&mut self.names.iter().map(|(name, _)| name))),
        ] {
            if !unused.is_empty() {
                return Err(ApiError::validation(format!(
                    "Value provided in {member} unused in expressions: keys: {{{unused}}}"
                )));
            }
        }
        Ok(())
    }
}

fn read_names(map: &Map<String, Value>) -> Result<Vec<(String, String)>> {
    if map.is_empty() {
        return Err(ApiError::validation("ExpressionAttributeNames must not be empty"));
    }
    map.iter()
        .map(|(placeholder, name)| {
            check(placeholder, '#', "ExpressionAttributeNames")?;
            let name = name.as_str().ok_or_else(|| wrong_type_of("ExpressionAttributeNames", "a map of strings"))?;
            if name.is_empty() {
                return Err(ApiError::validation(format!(
                    "ExpressionAttributeNames contains invalid value: Empty attribute name for key {placeholder}"
                )));
            }
            Ok((placeholder.clone(), name.to_owned()))
        })
        .collect()
}

fn read_values(map: &Map<String, Value>) -> Result<Vec<(String, AttributeValue)>> {
    if map.is_empty() {
        return Err(ApiError::validation("ExpressionAttributeValues must not be empty"));
    }
    map.iter()
        .map(|(placeholder, value)| {
            check(placeholder, ':', "ExpressionAttributeValues")?;
            let value = AttributeValue::from_json(value).map_err(|error| match error.code {
                "ValidationException" => ApiError::validation(format!(
                    "ExpressionAttributeValues contains invalid value: {} for key {placeholder}",
                    error.message
                )),
                _ => error,
            })?;
            Ok((placeholder.clone(), value))
        })
        .collect()
}

fn check(placeholder: &str, sign: char, member: &str) -> Result<()> {
    let rest = placeholder.strip_prefix(sign).unwrap_or_default();
    if rest.is_empty() || !rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(ApiError::validation(format!(
            "{member} contains invalid key: Syntax error; key: \"{placeholder}\""
        )));
    }
    Ok(())
}
