//! Light or dark, as it was chosen on this device.

/// Shows the page in a theme: `light`, `dark`, or anything else for what the device prefers.
pub fn set_theme(theme: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(root) = leptos::prelude::document().document_element() {
        // An attribute that cannot be set leaves the page as it is.
        _ = match theme {
            "light" | "dark" => root.set_attribute("data-theme", theme),
            _ => root.remove_attribute("data-theme"),
        };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = theme;
}
