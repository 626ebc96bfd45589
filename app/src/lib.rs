//! What people see: pages, components, the signatures of the commands, and the browser's half of the live connection.
//!
//! Reading order: [`Page`] lists the pages; `pages` is one folder a reader (guest, bar, wall); `loaders` is what they load,
//! `page_data` how that travels with a page, `commands` what they can ask and `form_action` how; `live` keeps them true while they are open; `device` is what a phone
//! or tablet can do besides; `i18n` is how they speak.
//!
//! Architecture invariant: nothing here knows of AWS. The pages ask the [`backend::Backend`], which the server implements.

#![recursion_limit = "256"]
#![expect(unreachable_pub, reason = "the component macro makes public items, whatever the module says")]

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
