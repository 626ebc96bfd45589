//! Local storage for small values. The browser may forget or forbid them.

/// Stores `value` under `name` in this browser.
pub fn store(name: &str, value: &str) {
    #[cfg(feature = "hydrate")]
    if let Ok(Some(storage)) = leptos::prelude::window().local_storage() {
        // If the storage is full or forbidden, the value is not stored.
        _ = storage.set_item(name, value);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (name, value);
}

/// The value that was stored under `name`. `None` on the server, so the first rendering must not depend on it.
pub fn stored(name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return leptos::prelude::window().local_storage().ok()??.get_item(name).ok()?;
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = name;
        None
    }
}
