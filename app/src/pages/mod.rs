//! One folder a reader: the guest's phone, the tablet at the bar, the wall.

pub(crate) mod barista;
pub(crate) mod customer;
#[cfg(feature = "ssr")]
pub mod display;
mod drink_link;
pub(crate) mod not_found;
#[cfg(feature = "ssr")]
pub(crate) mod offline;
pub(crate) mod order;
