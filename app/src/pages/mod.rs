//! The pages, with one folder for each reader: guest, barista, display.

pub(crate) mod barista;
pub(crate) mod customer;
#[cfg(feature = "ssr")]
pub mod display;
mod drink_link;
pub(crate) mod not_found;
#[cfg(feature = "ssr")]
pub(crate) mod offline;
pub(crate) mod order;
