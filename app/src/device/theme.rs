//! The theme of the page: light or dark.

/// Sets the theme: `light`, `dark`, or anything else for the preference of the device.
pub fn set_theme(theme: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(root) = leptos::prelude::document().document_element() {
        // If the attribute cannot be set, the theme is not changed.
        _ = match theme {
            "light" | "dark" => root.set_attribute("data-theme", theme),
            _ => root.remove_attribute("data-theme"),
        };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = theme;
}
