//! What all services share: reading and validating requests, pages, and the context in which operations run.

pub(crate) mod context;
pub(crate) mod page;
pub(crate) mod request;
pub(crate) mod shape;
