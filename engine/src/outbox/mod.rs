//! The outbox: deliveries to the targets of rules and function calls of workflows. They are written in the commit that
//! causes them and delivered after it, at least once.

pub(crate) mod delivery;
pub(crate) mod queue;
pub(crate) mod retry_policy;
pub(crate) mod target_kind;
