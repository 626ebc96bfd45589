//! Drawings of drinks, the logo, and icons.

use leptos::prelude::*;

/// The drawings in `public/drinks`.
pub(super) const DRAWINGS: [&str; 16] = [
    "americano",
    "cappuccino",
    "chai",
    "cold-brew",
    "cortado",
    "cup",
    "espresso",
    "filter",
    "flat-white",
    "hot-chocolate",
    "latte",
    "macchiato",
    "matcha",
    "mocha",
    "tea",
    "water",
];

/// The drawing of a drink; a plain cup for an unknown name. It is decorative.
#[component]
pub(crate) fn Drawing(
    /// The name of the drawing, from the menu.
    #[prop(into)]
    icon: String,
    /// Width and height, in CSS pixels.
    #[prop(default = 96)]
    size: u16,
    /// When the drawing is loaded.
    #[prop(default = Loading::Eager)]
    loading: Loading,
) -> impl IntoView {
    let name = if DRAWINGS.contains(&icon.as_str()) { icon.as_str() } else { "cup" };
    let attribute = (loading == Loading::Lazy).then_some("lazy");
    let name = name.to_owned();
    view! {
        <img class="drawing" loading=attribute src=source(&name, loading) data-drawing=name alt="" width=size height=size />
    }
}

/// When a drawing is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loading {
    /// With the page, as a data URL: for the drawings that are seen first.
    Inline,
    /// After the page.
    Eager,
    /// When it is scrolled into view.
    Lazy,
}

/// The address of a drawing: a file or a data URL. The browser reuses the address that the server has rendered, so the
/// WebAssembly contains no drawings, and a drawing that is on the page is not loaded again.
fn source(name: &str, loading: Loading) -> String {
    #[cfg(feature = "ssr")]
    if loading == Loading::Inline
        && let Some(drawing) = super::drawings::inline(name)
    {
        return drawing;
    }
    #[cfg(feature = "hydrate")]
    if let Ok(Some(there)) = document().query_selector(&format!("[data-drawing={name}]"))
        && let Some(drawing) = there.get_attribute("src")
    {
        return drawing;
    }
    let _ = loading;
    format!("/pkg/drinks/{name}.svg")
}

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Check,
    Close,
    Clock,
    Warning,
    Offline,
    Back,
    Person,
    Bell,
}

impl Sign {
    const fn path(self) -> &'static str {
        match self {
            Self::Check => "M4.5 12.5l5 5L19.5 7",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Clock => "M12 7v5.2l3.4 2M12 3.5a8.500 8.500 0 1 1 0 17a8.500 8.500 0 0 1 0-17",
            Self::Warning => "M12 9v4.500M12 17v.1M12 3.800L2.800 19.600h18.400z",
            Self::Offline => {
                "M3 3l18 18M5 12.500a10 10 0 0 1 4-2.300M14.500 10a10 10 0 0 1 4.500 2.500M8.500 16a5 5 0 0 1 7 0M12 19.500v.1M2 8.800a15 15 0 0 1 4.500-2.800M11 5a15 15 0 0 1 11 3.800"
            }
            Self::Back => "M14.500 5.500L8 12l6.500 6.500",
            Self::Bell => "M6 16.500h12M7.500 16.500V11a4.500 4.500 0 0 1 9 0v5.500M10.500 19.800h3M12 3.800v1.600",
            Self::Person => "M12 12a4 4 0 1 0 0-8a4 4 0 0 0 0 8M4.500 20.500c.8-4 4-6 7.500-6s6.700 2 7.500 6",
        }
    }
}

/// The drawing of an icon. It is decorative.
#[component]
pub(crate) fn Icon(
    /// The icon.
    sign: Sign,
) -> impl IntoView {
    // An arrow follows the writing direction.
    let class = if sign == Sign::Back { "icon points" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
            <path d=sign.path() fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}

/// The logo: two shots of espresso.
#[component]
pub(crate) fn Logo() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 48 32" width="48" height="32" aria-hidden="true" focusable="false">
            <path d="M2 6h18v8a9 9 0 0 1-18 0z" fill="currentColor" />
            <path d="M28 6h18v8a9 9 0 0 1-18 0z" fill="currentColor" opacity=".55" />
            <path d="M6 28h36" stroke="currentColor" stroke-width="3" stroke-linecap="round" />
        </svg>
    }
}
