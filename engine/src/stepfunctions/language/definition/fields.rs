//! The members of a JSON object in a definition. Each is read at most once, and unread members are an error.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::{
    diagnostic::Diagnostic,
    model::{DataPath, ResultPath},
};
use crate::stepfunctions::language::{
    path::Path,
    template::{Expression, Template},
};

/// Reads the members of an object and collects diagnostics.
pub(super) struct Fields<'v, 'd> {
    members: &'v Map<String, Value>,
    location: String,
    diagnostics: &'d mut Vec<Diagnostic>,
    known: Vec<&'static str>,
}

impl<'v, 'd> Fields<'v, 'd> {
    pub(super) fn new(
        members: &'v Map<String, Value>,
        location: impl Into<String>,
        diagnostics: &'d mut Vec<Diagnostic>,
    ) -> Self {
        let known = vec!["Comment"];
        Self { members, location: location.into(), diagnostics, known }
    }

    /// The members of a nested object at `below`.
    pub(super) fn nested(&mut self, below: &str, members: &'v Map<String, Value>) -> Fields<'v, '_> {
        Fields::new(members, format!("{}{below}", self.location), self.diagnostics)
    }

    /// Reports an error at `below` this object.
    pub(super) fn refuse(&mut self, below: &str, message: impl Into<String>) {
        self.report("SCHEMA_VALIDATION_FAILED", below, message);
    }

    pub(super) fn report(&mut self, code: &'static str, below: &str, message: impl Into<String>) {
        let location = format!("{}{below}", self.location);
        let location = if location.is_empty() { "/".to_owned() } else { location };
        self.diagnostics.push(Diagnostic::error(code, message.into(), Some(location)));
    }

    /// The member with this name.
    pub(super) fn get(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.members.get(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Reports missing members, in AWS's words.
    pub(super) fn require(&mut self, names: &[&str]) {
        let missing: Vec<&str> = names.iter().copied().filter(|name| !self.has(name)).collect();
        if !missing.is_empty() {
            self.refuse("", format!("These fields are required: [{}]", missing.join(", ")));
        }
    }

    /// Reports that two members exclude each other.
    pub(super) fn exclude(&mut self, one: &str, other: &str) -> bool {
        let both = self.has(one) && self.has(other);
        if both {
            self.refuse("", format!("Only one of '{one}' and '{other}' may be given"));
        }
        both
    }

    fn typed<T>(&mut self, name: &'static str, expected: &str, read: impl FnOnce(&'v Value) -> Option<T>) -> Option<T> {
        let value = self.get(name)?;
        let read = read(value);
        if read.is_none() {
            self.refuse(&format!("/{name}"), format!("Expected value of type {expected}"));
        }
        read
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.typed(name, "String", Value::as_str).map(str::to_owned)
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.typed(name, "Boolean", Value::as_bool)
    }

    pub(super) fn number(&mut self, name: &'static str) -> Option<f64> {
        self.typed(name, "Float", Value::as_f64)
    }

    pub(super) fn object(&mut self, name: &'static str) -> Option<&'v Map<String, Value>> {
        self.typed(name, "Object", Value::as_object)
    }

    pub(super) fn list(&mut self, name: &'static str) -> Option<&'v Vec<Value>> {
        self.typed(name, "Array", Value::as_array)
    }

    pub(super) fn integer(&mut self, name: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let number = self.typed(name, "Integer", Value::as_i64)?;
        if !range.contains(&number) {
            let message = format!("Value must lie between {} and {}", range.start(), range.end());
            self.refuse(&format!("/{name}"), message);
        }
        Some(number)
    }

    /// A path; with `reference` it must be a reference path.
    pub(super) fn path(&mut self, name: &'static str, reference: bool) -> Option<Path> {
        let text = self.text(name)?;
        match Path::parse(&text) {
            Ok(path) if !reference || path.is_reference() => Some(path),
            Ok(_) => {
                self.refuse(&format!("/{name}"), "Value is not a Reference Path: only names and indexes may be used");
                None
            }
            Err(reason) => {
                self.refuse(&format!("/{name}"), format!("Value is not a valid JSONPath: {reason}"));
                None
            }
        }
    }

    /// `InputPath` or `OutputPath`.
    pub(super) fn data_path(&mut self, name: &'static str) -> DataPath {
        match self.members.get(name) {
            Some(Value::Null) => {
                self.known.push(name);
                DataPath::Nothing
            }
            Some(Value::String(text)) if text == "$" => {
                self.known.push(name);
                DataPath::Whole
            }
            _ => self.path(name, false).map_or(DataPath::Whole, DataPath::At),
        }
    }

    pub(super) fn result_path(&mut self) -> ResultPath {
        let name = "ResultPath";
        match self.members.get(name) {
            Some(Value::Null) => {
                self.known.push(name);
                ResultPath::Discard
            }
            Some(Value::String(text)) if text == "$" => {
                self.known.push(name);
                ResultPath::Replace
            }
            Some(Value::String(text)) if text.starts_with("$$") => {
                self.known.push(name);
                self.refuse("/ResultPath", "The context object cannot be written to");
                ResultPath::Replace
            }
            _ => self.path(name, true).map_or(ResultPath::Replace, ResultPath::At),
        }
    }

    pub(super) fn template(&mut self, name: &'static str) -> Option<Template> {
        let value = self.get(name)?;
        if !value.is_object() {
            self.refuse(&format!("/{name}"), "Expected value of type Object");
            return None;
        }
        Template::parse(value).map_err(|(_, message)| self.refuse(&format!("/{name}"), message)).ok()
    }

    pub(super) fn expression(&mut self, name: &'static str) -> Option<Expression> {
        let text = self.text(name)?;
        let refused = |reason| format!("Value must be a valid JSONPath or a valid intrinsic function call: {reason}");
        Expression::parse(&text).map_err(|reason| self.refuse(&format!("/{name}"), refused(reason))).ok()
    }

    /// `QueryLanguage`: only JSONPath is supported.
    pub(super) fn json_path_only(&mut self) {
        if let Some(language) = self.text("QueryLanguage").filter(|language| language != "JSONPath") {
            self.refuse("/QueryLanguage", format!("The query language '{language}' is not supported: use JSONPath"));
        }
    }

    /// Reports every unread member.
    pub(super) fn finish(mut self) {
        let unread: Vec<&String> = self.members.keys().filter(|name| !self.known.contains(&name.as_str())).collect();
        for name in unread {
            let message = match name.as_str() {
                "Assign" => "Field 'Assign' is not supported: this engine has no workflow variables".to_owned(),
                "Arguments" | "Output" | "Items" | "Condition" => format!(
                    "The QueryLanguage is set to 'JSONPath', but field '{name}' is only supported for the 'JSONata' \
                     QueryLanguage"
                ),
                _ => format!("Field '{name}' is not supported"),
            };
            self.refuse("", message);
        }
    }
}
