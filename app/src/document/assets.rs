//! The files that Trunk has built, and which of them a page needs.

use crate::app::{BundleName, Page};

/// The files that Trunk has built. Paths begin with `/pkg/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// All style sheets.
    pub styles: Vec<Style>,
    /// The bundle of the guests' pages.
    pub guest: Bundle,
    /// The bundle of the bar's page.
    pub bar: Bundle,
}

/// A style sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// The path.
    pub href: String,
    /// The text.
    pub css: String,
}

/// A bundle of WebAssembly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The path of its JavaScript.
    pub script: String,
    /// The path of its WebAssembly.
    pub wasm: String,
}

impl Assets {
    pub(super) fn bundle_of(&self, page: Page) -> Option<&Bundle> {
        Some(match page.parts().bundle? {
            BundleName::Guest => &self.guest,
            BundleName::Bar => &self.bar,
        })
    }

    /// The styles of a page. They are inlined, which saves a round trip before the first paint.
    pub(super) fn css_of(&self, page: Page) -> String {
        let named = |name: &&str| self.styles.iter().find(|style| style.is(name));
        page.parts().styles.iter().filter_map(named).map(|style| style.css.as_str()).collect()
    }
}

impl Style {
    /// Whether the file is `/pkg/<name>-<hash>.css`.
    fn is(&self, name: &str) -> bool {
        let file = self.href.rsplit('/').next().unwrap_or_default();
        file.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', '.']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(name: &str) -> Style {
        Style { href: format!("/pkg/{name}-5c1d8bd1e4a0f6b2.css"), css: format!("{name};") }
    }

    #[test]
    fn a_page_gets_only_its_own_styles() {
        let names = ["order", "cards", "tokens", "base", "lanes", "strip", "customer", "panels", "barista"];
        let bundle = Bundle { script: String::new(), wasm: String::new() };
        let assets = Assets { styles: names.map(style).into(), guest: bundle.clone(), bar: bundle };
        assert_eq!(assets.css_of(Page::Menu), "tokens;base;customer;order;");
        assert_eq!(assets.css_of(Page::Barista), "tokens;base;barista;panels;strip;lanes;cards;");
        assert_eq!(assets.css_of(Page::NotFound), "tokens;base;");
    }
}
