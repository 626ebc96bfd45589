//! JSON outside of a browser, for tests.

use serde_json::Value;

/// A JSON value.
#[derive(Debug)]
pub(crate) struct Json(Value);

impl Json {
    /// Parses JSON. `None` when it is malformed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// A member of an object; `null` if there is none.
    pub(super) fn get(&self, name: &str) -> Self {
        Self(self.0.get(name).cloned().unwrap_or_default())
    }

    /// Whether it is `null` or missing.
    pub(super) fn is_null(&self) -> bool {
        self.0.is_null()
    }

    pub(super) fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        self.0.as_bool()
    }

    pub(super) fn items(&self) -> Option<Vec<Self>> {
        self.0.as_array().map(|items| items.iter().cloned().map(Self).collect())
    }
}
