//! Access to JavaScript objects by name. What does not exist is `None`.

use js_sys::{Array, Function, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

/// A property. `None` when it is `undefined` or `null`.
pub(super) fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// A property of the window, such as `navigator`.
pub(super) fn global(name: &str) -> Option<JsValue> {
    get(&window(), name)
}

/// A property that is a string.
pub(super) fn text(object: &JsValue, name: &str) -> Option<String> {
    get(object, name)?.as_string()
}

/// Sets a property. Ignored if that is not possible.
pub(super) fn set(object: &JsValue, name: &str, value: &JsValue) {
    _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// Calls a method. `None` when there is none, or when it throws.
pub(super) fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method: Function = get(object, name)?.dyn_into().ok()?;
    method.apply(object, &list(arguments)).ok()
}

/// Constructs an object of a global class.
pub(super) fn make(class: &str) -> Option<JsValue> {
    let class: Function = global(class)?.dyn_into().ok()?;
    Reflect::construct(&class, &Array::new()).ok()
}

/// Calls `done` with the result of a promise, or `None` when it is rejected. The callbacks are never freed, so call it
/// only a few times for each page.
pub(super) fn wait(promise: &JsValue, done: impl Fn(Option<JsValue>) + Clone + 'static) {
    let resolved = done.clone();
    let resolved = Closure::<dyn FnMut(JsValue)>::new(move |value| resolved(Some(value)));
    let rejected = Closure::<dyn FnMut(JsValue)>::new(move |_| done(None));
    call(promise, "then", &[resolved.as_ref().clone(), rejected.as_ref().clone()]);
    resolved.forget();
    rejected.forget();
}

fn list(values: &[JsValue]) -> Array {
    let list = Array::new();
    for value in values {
        list.push(value);
    }
    list
}
