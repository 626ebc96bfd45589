//! The list of pages.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;

#[cfg(feature = "ssr")]
use crate::pages::{lost::LostPage, offline::OfflinePage};
use crate::{
    components::provide_title,
    live,
    pages::{barista::BaristaPage, customer::MenuPage, order::OrderPage},
    place,
};

/// A page. Each is a document of its own, with the styles and the script of its readers and no others. Those of the
/// display have no WebAssembly and are made elsewhere: `pages::display`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// `/`
    Menu,
    /// `/orders/<id>`
    Order,
    /// `/barista`
    Bar,
    /// `/offline`
    Offline,
    /// Every other address.
    Lost,
}

impl Page {
    /// The page at an address.
    #[must_use]
    pub fn at(path: &str) -> Self {
        let mut parts = path.trim_matches('/').split('/');
        match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
            ("", None, _) => Self::Menu,
            ("orders", Some(_), None) => Self::Order,
            ("barista", None, _) => Self::Bar,
            ("offline", None, _) => Self::Offline,
            _ => Self::Lost,
        }
    }
}

/// Any page, on the server.
#[cfg(feature = "ssr")]
pub(crate) fn any(page: Page) -> AnyView {
    match page {
        Page::Menu | Page::Order => guest(page),
        Page::Bar => bar(page),
        Page::Offline => shared(|| view! { <OfflinePage /> }.into_any()),
        Page::Lost => shared(|| view! { <LostPage /> }.into_any()),
    }
}

/// The pages of the bundle `guest`.
pub(crate) fn guest(page: Page) -> AnyView {
    shared(move || match page {
        Page::Order => view! { <OrderPage /> }.into_any(),
        _ => view! { <MenuPage /> }.into_any(),
    })
}

/// The page of the bundle `bar`.
pub(crate) fn bar(_: Page) -> AnyView {
    shared(|| view! { <BaristaPage /> }.into_any())
}

/// What every page has: a title, an address, a live connection.
fn shared(page: impl FnOnce() -> AnyView) -> AnyView {
    provide_meta_context();
    place::provide();
    live::provide();
    let title = provide_title();
    (title, page()).into_any()
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn every_address_leads_to_a_page() {
        let at = ["/", "/orders/7", "/barista", "/orders", "/orders/7/x", "/nowhere"].map(Page::at);
        assert_eq!(at[..3], [Page::Menu, Page::Order, Page::Bar]);
        assert_eq!(at[3..], [Page::Lost; 3]);
    }
}
