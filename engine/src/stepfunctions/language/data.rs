//! The data that paths and templates are applied to, and the errors of doing so.

use std::{borrow::Cow, cell::LazyCell, ops::Deref};

use serde_json::Value;

use super::{
    host::TaskError,
    path::{Missing, Path, Root},
};

/// A context object that is built only when a path uses it.
pub(super) type LazyContext<'a> = LazyCell<Value, Box<dyn FnOnce() -> Value + 'a>>;

/// The two roots: `$` and `$$`.
#[derive(Clone, Copy)]
pub(super) struct Data<'a> {
    /// `$`.
    pub(super) input: &'a Value,
    /// `$$`.
    pub(super) context: &'a dyn Deref<Target = Value>,
}

impl<'a> Data<'a> {
    /// The same context object with another input.
    pub(super) fn with_input<'b>(&self, input: &'b Value) -> Data<'b>
    where
        'a: 'b,
    {
        Data { input, context: self.context }
    }

    /// The value that `path` selects.
    pub(super) fn select(&self, path: &Path) -> Result<Cow<'a, Value>, Missing> {
        match path.root() {
            Root::Data => path.select(self.input),
            Root::Context => path.select(self.context.deref()),
        }
    }
}

/// An error of a state: the error name and the reason, without the text about the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StateError {
    pub(super) error: &'static str,
    pub(super) message: String,
}

impl StateError {
    /// `States.Runtime`, which always ends the execution.
    pub(super) fn runtime(message: impl Into<String>) -> Self {
        Self { error: "States.Runtime", message: message.into() }
    }

    /// `States.Runtime` for an `InputPath`, `OutputPath` or `…Path` that selects nothing.
    pub(super) fn invalid_path(path: &Path, missing: &Missing) -> Self {
        Self::runtime(format!("Invalid path '{}' : {missing}", path.text()))
    }

    /// `States.Runtime` for a field whose path selects nothing.
    pub(super) fn field(path: &Path, field: &str, data: Data<'_>) -> Self {
        let input: &Value = match path.root() {
            Root::Data => data.input,
            Root::Context => data.context.deref(),
        };
        Self::runtime(format!(
            "The JSONPath '{}' specified for the field '{field}' could not be found in the input '{input}'",
            path.text()
        ))
    }

    /// `States.DataLimitExceeded` for a field whose computation produces too much intermediate data.
    pub(super) fn data_limit(field: &str) -> Self {
        let message = format!("The field '{field}' exceeds the maximum number of bytes service limit.");
        Self { error: "States.DataLimitExceeded", message }
    }

    /// The error as `Catch` and the history see it.
    pub(super) fn in_state(self, state: &str, entered_event_id: i64) -> TaskError {
        let Self { error, message } = self;
        let cause = if error == "States.DataLimitExceeded" {
            message
        } else {
            let place = format!("'{state}' (entered at the event id #{entered_event_id})");
            format!("An error occurred while executing the state {place}. {message}")
        };
        TaskError { error: error.to_owned(), cause }
    }
}
