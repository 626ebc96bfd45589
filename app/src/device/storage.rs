//! A few words that stay in this browser. They are never needed: a browser may forget or forbid them.

/// Keeps `value` under `name` in this browser.
pub fn store(name: &str, value: &str) {
    #[cfg(feature = "hydrate")]
    if let Ok(Some(storage)) = leptos::prelude::window().local_storage() {
        // A full or forbidden storage: then it is asked again the next time.
        _ = storage.set_item(name, value);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (name, value);
}

/// What was kept under `name`. The server never knows, so it must not decide what a page looks like at first.
pub fn stored(name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return leptos::prelude::window().local_storage().ok()??.get_item(name).ok()?;
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = name;
        None
    }
}
