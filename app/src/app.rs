//! The list of pages.

#[cfg(feature = "ssr")]
use domain::Role;
#[cfg(not(feature = "hydrate"))]
use leptos::prelude::*;
#[cfg(not(feature = "hydrate"))]
use leptos_meta::provide_meta_context;

use crate::pages::{barista, customer, order};
#[cfg(not(feature = "hydrate"))]
use crate::{
    components::title,
    page_data,
    pages::{not_found::NotFoundPage, offline::OfflinePage},
};

/// A page. Each is a document of its own, with the styles and scripts of its readers only. The pages of the display
/// have no WebAssembly and are rendered by `pages::display`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// `/`
    Menu,
    /// `/orders/<id>`
    Order,
    /// `/barista`
    Barista,
    /// `/offline`
    Offline,
    /// Any other path.
    NotFound,
}

impl Page {
    /// The paths of the pages. A part in braces matches any text.
    pub const ADDRESSES: [(&'static str, Self); 4] =
        [("/", Self::Menu), ("/orders/{id}", Self::Order), ("/barista", Self::Barista), ("/offline", Self::Offline)];

    /// The page at a path.
    #[must_use]
    pub fn at(path: &str) -> Self {
        let known = Self::ADDRESSES.into_iter().find(|(address, _)| is_at(address, path));
        known.map_or(Self::NotFound, |(_, page)| page)
    }
}

/// What the document of a page consists of.
#[cfg(feature = "ssr")]
pub(crate) struct PageParts {
    /// The bundle of WebAssembly. `None` for a page without one.
    pub(crate) bundle: Option<BundleName>,
    /// The style sheets, in the order of their layers: names of files in `style/`.
    pub(crate) styles: &'static [&'static str],
    /// The areas of `locales/` whose messages the browser needs.
    pub(crate) messages: &'static [&'static str],
    /// The web app manifest.
    pub(crate) manifest: &'static str,
    /// The name of the installed app.
    pub(crate) installed_name: &'static str,
}

/// A bundle that Trunk builds.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BundleName {
    /// `app/src/bin/guest.rs`
    Guest,
    /// `app/src/bin/bar.rs`
    Bar,
}

#[cfg(feature = "ssr")]
impl Page {
    /// The path of the first page of a role.
    #[must_use]
    pub const fn home(role: &Role) -> &'static str {
        match role {
            Role::Barista(_) | Role::Manager(_) => "/barista",
            Role::Guest => "/",
            Role::Display => "/display",
        }
    }

    /// What the document of the page consists of.
    pub(crate) const fn parts(self) -> PageParts {
        let guest = PageParts {
            bundle: None,
            styles: &["tokens", "base"],
            messages: &[],
            manifest: "/pkg/install/guest.webmanifest",
            installed_name: "Doppio",
        };
        match self {
            Self::Menu | Self::Order => PageParts {
                bundle: Some(BundleName::Guest),
                styles: &["tokens", "base", "customer", "order"],
                messages: &["common", "customer", "order"],
                ..guest
            },
            Self::Barista => PageParts {
                bundle: Some(BundleName::Bar),
                styles: &["tokens", "base", "barista", "panels", "strip", "lanes", "cards"],
                messages: &["common", "barista"],
                manifest: "/pkg/install/bar.webmanifest",
                installed_name: "Bar",
            },
            Self::Offline | Self::NotFound => guest,
        }
    }
}

fn is_at(address: &str, path: &str) -> bool {
    let mut parts = path.trim_matches('/').split('/');
    let mut known = address.trim_matches('/').split('/');
    known.all(|known| parts.next().is_some_and(|part| part == known || known.starts_with('{')))
        && parts.next().is_none()
}

/// Renders a page on the server.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn render(page: Page) -> AnyView {
    provide_meta_context();
    page_data::provide();
    let title = title();
    let page = match page {
        Page::Menu => customer::render(),
        Page::Order => order::render(),
        Page::Barista => barista::render(),
        Page::Offline => view! { <OfflinePage /> }.into_any(),
        Page::NotFound => view! { <NotFoundPage /> }.into_any(),
    };
    // The browser hydrates only the page, so that must be the first child of the root.
    (page, title).into_any()
}

/// Hydrates a page of the bundle `guest`.
#[cfg(feature = "hydrate")]
pub(crate) fn hydrate_guest(page: Page) {
    match page {
        Page::Order => order::hydrate(),
        _ => customer::hydrate(),
    }
}

/// Hydrates the page of the bundle `bar`.
#[cfg(feature = "hydrate")]
pub(crate) fn hydrate_barista(_: Page) {
    barista::hydrate();
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn every_path_has_a_page() {
        let at = ["/", "/orders/7", "/barista/", "/orders", "/orders/7/x", "/nowhere", "/barista/x"].map(Page::at);
        assert_eq!(at[..3], [Page::Menu, Page::Order, Page::Barista]);
        assert_eq!(at[3..], [Page::NotFound; 4]);
    }
}
