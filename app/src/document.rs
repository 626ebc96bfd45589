//! The document around every page: head, styles, and the script that brings the page to life.

mod hydration;
mod install;

use std::sync::Arc;

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

pub(crate) use self::install::REGISTER;
use self::{hydration::Hydration, install::Installable};
use crate::{
    app::{self, Page},
    i18n::words,
    location,
    page_data::ROOT,
};

/// Where the browser finds what Trunk has built. Addresses begin with `/pkg/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// All style sheets.
    pub styles: Vec<Style>,
    /// The WebAssembly of the guests' pages.
    pub guest: Bundle,
    /// The WebAssembly of the bar's pages.
    pub bar: Bundle,
}

/// A style sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Its address.
    pub href: String,
    /// What is in it.
    pub css: String,
}

/// A bundle of WebAssembly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The script that loads it.
    pub script: String,
    /// The WebAssembly.
    pub wasm: String,
}

impl Assets {
    /// The style sheets of a page, in the order of their layers: the names of files in `style/`.
    const fn styles_of(page: Page) -> &'static [&'static str] {
        match page {
            Page::Menu | Page::Order => &["tokens", "base", "customer", "order"],
            Page::Bar => &["tokens", "base", "barista", "panels", "strip", "lanes", "cards"],
            Page::Offline | Page::Lost => &["tokens", "base"],
        }
    }

    const fn bundle_of(&self, page: Page) -> Option<&Bundle> {
        match page {
            Page::Menu | Page::Order => Some(&self.guest),
            Page::Bar => Some(&self.bar),
            Page::Offline | Page::Lost => None,
        }
    }

    /// The text of a page's styles. They stand in the page itself: one journey less before anything is seen.
    fn css_of(&self, page: Page) -> String {
        let named = |name: &&str| self.styles.iter().find(|style| style.is(name));
        Self::styles_of(page).iter().filter_map(named).map(|style| style.css.as_str()).collect()
    }
}

impl Style {
    /// True for `/pkg/<name>-<hash>.css`.
    fn is(&self, name: &str) -> bool {
        let file = self.href.rsplit('/').next().unwrap_or_default();
        file.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', '.']))
    }
}

/// Renders the whole document of the page that was asked for.
#[expect(clippy::needless_pass_by_value, reason = "the server calls it as a closure that owns its copy")]
pub fn document(assets: Arc<Assets>) -> impl IntoView {
    let t = words();
    let language = t.language();
    let page = Page::at(&location::address().0);
    let nonce = use_nonce();
    view! {
        <!DOCTYPE html>
        <html lang=language.tag() dir=language.direction() data-theme=theme()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#FFFBF5" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1B1310" />
                <meta name="format-detection" content="telephone=no" />
                <meta name="description" content=t.common_description() />
                <link rel="icon" type="image/svg+xml" href="/pkg/icon.svg" />
                <link
                    rel="preload"
                    href="/pkg/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin="anonymous"
                />
                <style nonce=nonce.clone() inner_html=assets.css_of(page)></style>
                <noscript><style nonce=nonce.clone() inner_html=LIFELESS></style></noscript>
                <script type="application/json" id="words" inner_html=t.json(areas(page))></script>
                {assets.bundle_of(page).map(|bundle| view! { <Hydration bundle=bundle.clone() /> })}
                <Installable page=page />
                <MetaTags />
            </head>
            <body><div id=ROOT>{app::any(page)}</div></body>
        </html>
    }
}

/// Light or dark, if somebody has chosen it in this browser.
fn theme() -> Option<String> {
    crate::commands::request::look("theme").filter(|theme| matches!(theme.as_str(), "light" | "dark"))
}

/// The messages that the browser needs on a page.
const fn areas(page: Page) -> &'static [&'static str] {
    match page {
        Page::Menu | Page::Order => &["common", "customer", "order"],
        Page::Bar => &["common", "barista"],
        Page::Offline | Page::Lost => &[],
    }
}

/// Where no script runs, nothing keeps a place for what only a script brings. It does not ask the style sheet's `scripting`,
/// which browsers have known since 2023 only.
const LIFELESS: &str = ".tell:empty{display:none}";

#[cfg(test)]
mod tests {
    use super::*;

    fn style(name: &str) -> Style {
        Style { href: format!("/pkg/{name}-5c1d8bd1e4a0f6b2.css"), css: format!("{name};") }
    }

    #[test]
    fn a_page_gets_the_styles_of_its_readers_and_no_others() {
        let names = ["order", "cards", "tokens", "base", "lanes", "strip", "customer", "panels", "barista"];
        let bundle = Bundle { script: String::new(), wasm: String::new() };
        let assets = Assets { styles: names.map(style).into(), guest: bundle.clone(), bar: bundle };
        assert_eq!(assets.css_of(Page::Menu), "tokens;base;customer;order;");
        assert_eq!(assets.css_of(Page::Bar), "tokens;base;barista;panels;strip;lanes;cards;");
        assert_eq!(assets.css_of(Page::Lost), "tokens;base;");
    }
}
