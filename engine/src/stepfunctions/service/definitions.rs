//! Validating definitions, and ValidateStateMachineDefinition.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    api::{context::Context, request, shape},
    error::ApiError,
    stepfunctions::{
        language::definition::{Definition, Severity, invalid_definition_message},
        service::shapes,
    },
};

/// Returns the error for an invalid definition.
pub(super) fn check(text: &str) -> Result<(), ApiError> {
    Definition::parse(text)
        .map(drop)
        .map_err(|diagnostics| ApiError::client("InvalidDefinition", invalid_definition_message(&diagnostics)))
}

/// ValidateStateMachineDefinition.
pub(super) fn validate(_: &Context, _: &Connection, request: &Value) -> Result<Value, ApiError> {
    shape::validate(request, shapes::VALIDATE_DEFINITION)?;
    refuse_express(request)?;
    let text = request::text(request, "definition")?;
    let most = request::optional_integer(request, "maxResults", 0, 100)?.filter(|most| *most > 0).unwrap_or(100);
    let least_severity = request::optional_text(request, "severity")?.unwrap_or("ERROR");
    let (result, mut diagnostics) = match Definition::parse(text) {
        Ok(_) => ("OK", Definition::warnings(text)),
        Err(diagnostics) => ("FAIL", diagnostics),
    };
    diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error || least_severity == "WARNING");
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let truncated = diagnostics.len() > most;
    let diagnostics: Vec<Value> = diagnostics
        .iter()
        .take(most)
        .map(|diagnostic| {
            let severity = match diagnostic.severity {
                Severity::Error => "ERROR",
                Severity::Warning => "WARNING",
            };
            let mut entry = json!({ "severity": severity, "code": diagnostic.code, "message": diagnostic.message });
            if let (Some(location), Value::Object(members)) = (&diagnostic.location, &mut entry) {
                members.insert("location".to_owned(), location.as_str().into());
            }
            entry
        })
        .collect();
    Ok(json!({ "result": result, "diagnostics": diagnostics, "truncated": truncated }))
}

/// Refuses EXPRESS state machines.
pub(super) fn refuse_express(request: &Value) -> Result<(), ApiError> {
    if request::optional_text(request, "type")? == Some("EXPRESS") {
        let message = "This engine runs STANDARD state machines only; EXPRESS is not supported.";
        return Err(ApiError::client("StateMachineTypeNotSupported", message));
    }
    Ok(())
}
