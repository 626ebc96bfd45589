//! What the requests of every service share: reading and validating their members.

pub(crate) mod request;
pub(crate) mod shape;
