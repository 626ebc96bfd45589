//! State machine definitions: parsing and validation. Everything that the interpreter does not support is refused here,
//! by name, and never at run time.

use std::sync::Arc;

use serde_json::Value;

mod diagnostic;
mod errors;
mod fields;
mod model;
mod resource;
mod state;
#[cfg(test)]
mod tests;
mod transitions;
mod warnings;

pub(crate) use diagnostic::{Diagnostic, Severity, invalid_definition_message};
pub(super) use model::{
    Catcher, Count, DataPath, Jitter, Kind, Machine, Next, ResultPath, Retrier, Seconds, State, Task, TaskResource,
    Text, Until,
};

#[cfg(test)]
pub(crate) use resource::SDK_ACTIONS;

use super::json_syntax::JsonSyntaxError;
use fields::Fields;

/// A valid state machine definition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Definition {
    timeout_seconds: Option<i64>,
    machine: Arc<Machine>,
}

impl Definition {
    /// Parses and validates a definition.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let value: Value = serde_json::from_str(text).map_err(|error| vec![not_json(text, &error)])?;
        let Value::Object(members) = value else {
            let message = "Definition must be a valid JSON object".to_owned();
            return Err(vec![Diagnostic::error("SCHEMA_VALIDATION_FAILED", message, None)]);
        };
        let mut diagnostics = Vec::new();
        let mut fields = Fields::new(&members, "", &mut diagnostics);
        fields.text("Version");
        fields.json_path_only();
        let timeout_seconds = fields.integer("TimeoutSeconds", 1..=99_999_999);
        let machine = state::machine(&mut fields);
        fields.finish();
        if diagnostics.is_empty() {
            transitions::check(&members, &mut diagnostics);
        }
        if diagnostics.is_empty() { Ok(Self { timeout_seconds, machine: Arc::new(machine) }) } else { Err(diagnostics) }
    }

    /// Warnings about a valid definition. An invalid one has errors instead.
    pub(crate) fn warnings(text: &str) -> Vec<Diagnostic> {
        match serde_json::from_str(text) {
            Ok(Value::Object(members)) => warnings::find(&members),
            _ => Vec::new(),
        }
    }

    /// The `TimeoutSeconds` of the state machine.
    pub(crate) fn timeout_seconds(&self) -> Option<i64> {
        self.timeout_seconds
    }

    pub(super) fn machine(&self) -> &Arc<Machine> {
        &self.machine
    }
}

fn not_json(text: &str, error: &serde_json::Error) -> Diagnostic {
    let code = "INVALID_JSON_DESCRIPTION";
    match JsonSyntaxError::find(text) {
        Some(fault) => {
            let location = fault.location(text);
            Diagnostic::error(code, format!("{}\n at {location}", fault.message), Some(location))
        }
        // The JSON is nested too deeply, or has a number that is too large.
        None => Diagnostic::error(code, error.to_string(), None),
    }
}
