//! The routes that are no pages.

pub(crate) mod health;
pub(crate) mod live;
pub(crate) mod metrics;
