//! What is wrong with a definition, as AWS tells it.

use std::fmt;

/// How grave a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The definition is refused.
    Error,
    /// The definition is accepted.
    Warning,
}

/// One thing that is wrong with a definition, as `ValidateStateMachineDefinition` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the definition is refused for it.
    pub severity: Severity,
    /// AWS's name of the problem, such as `SCHEMA_VALIDATION_FAILED` or `MISSING_TRANSITION_TARGET`.
    pub code: &'static str,
    /// What is wrong, in words.
    pub message: String,
    /// Where, such as `/States/Name/Field`; absent when it concerns the whole.
    pub location: Option<String>,
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
        // AWS writes "null" for no place.
        let location = self.location.as_deref().unwrap_or("null");
        write!(f, "{}: {} at {location}", self.code, self.message)
    }
}

/// The message of AWS's `InvalidDefinition` error for these diagnostics.
pub fn invalid_definition_message(diagnostics: &[Diagnostic]) -> String {
    let listed: Vec<String> = diagnostics.iter().map(Diagnostic::to_string).collect();
    format!("Invalid State Machine Definition: '{}'", listed.join(", "))
}
