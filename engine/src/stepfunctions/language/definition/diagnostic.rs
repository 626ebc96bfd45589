//! Diagnostics of definitions, as AWS reports them.

use std::fmt;

/// The severity of a [`Diagnostic`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// The definition is invalid.
    Error,
    /// The definition is valid.
    Warning,
}

/// A problem of a definition, as `ValidateStateMachineDefinition` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// Whether the problem makes the definition invalid.
    pub(crate) severity: Severity,
    /// AWS's code, such as `SCHEMA_VALIDATION_FAILED` or `MISSING_TRANSITION_TARGET`.
    pub(crate) code: &'static str,
    /// The message.
    pub(crate) message: String,
    /// The location, such as `/States/Name/Field`; absent if the problem is not in one place.
    pub(crate) location: Option<String>,
}

impl Diagnostic {
    pub(super) fn error(code: &'static str, message: String, location: Option<String>) -> Self {
        Self { severity: Severity::Error, code, message, location }
    }

    pub(super) fn warning(code: &'static str, message: String, location: String) -> Self {
        Self { severity: Severity::Warning, code, message, location: Some(location) }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // AWS writes "null" for a missing location.
        let location = self.location.as_deref().unwrap_or("null");
        write!(f, "{}: {} at {location}", self.code, self.message)
    }
}

/// The message of AWS's `InvalidDefinition` error for these diagnostics.
pub(crate) fn invalid_definition_message(diagnostics: &[Diagnostic]) -> String {
    let listed: Vec<String> = diagnostics.iter().map(Diagnostic::to_string).collect();
    format!("Invalid State Machine Definition: '{}'", listed.join(", "))
}
