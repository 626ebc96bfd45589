//! The pages of Doppio: rendered on the server, and hydrated in the browser.
//!
//! Reading order: [`Page`] lists the pages; `pages` has one folder for each reader (guest, barista, display). `loaders`
//! is the data that pages load, and `page_data` is how that data is sent with a page. `commands` are the server
//! functions, and `form_action` sends them. `live` is the client of the live connection, `device` wraps abilities of
//! the browser, and `i18n` is the messages.
//!
//! Architecture invariant: nothing here depends on AWS. The pages use [`backend::Backend`], which the server implements.

#![recursion_limit = "256"]
#![expect(unreachable_pub, reason = "the component macro makes its items public")]

mod app;
#[cfg(feature = "hydrate")]
pub mod browser;
pub mod commands;
mod components;
pub mod device;
pub mod error;
#[cfg(feature = "hydrate")]
mod failure;
#[cfg(feature = "hydrate")]
mod fetch;
mod form_action;
pub mod i18n;
#[cfg(any(feature = "hydrate", test))]
mod json;
pub mod live;
pub mod loaders;
mod location;
mod page_data;
mod pages;
pub mod preferences;

#[cfg(feature = "ssr")]
pub mod backend;
#[cfg(feature = "ssr")]
pub mod document;

pub use app::Page;
#[cfg(feature = "ssr")]
pub use pages::display;

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "`ssr` is for the server and `hydrate` for the browser: build them separately, never with --all-features"
);
