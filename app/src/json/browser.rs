//! JSON that the browser has parsed.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A JSON value.
#[derive(Debug)]
pub(crate) struct Json(JsValue);

impl From<JsValue> for Json {
    fn from(value: JsValue) -> Self {
        Self(value)
    }
}

impl Json {
    /// Parses JSON. `None` when it is malformed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    /// A member of an object; `undefined` if there is none.
    pub(super) fn get(&self, name: &str) -> Self {
        Self(Reflect::get(&self.0, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED))
    }

    /// Whether it is `null` or missing.
    pub(super) fn is_null(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    pub(super) fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        self.0.as_bool()
    }

    pub(super) fn items(&self) -> Option<Vec<Self>> {
        let items = self.0.dyn_ref::<Array>()?;
        Some((0..items.length()).map(|at| Self(items.get(at))).collect())
    }
}
