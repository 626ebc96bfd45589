//! Functions: what AWS calls Lambda. A function is a handler in the process, or a program elsewhere that is reached at
//! an HTTP address and speaks Lambda's own invocation API, as `sam local start-lambda` and many test servers do.
//!
//! The engine runs no code that was uploaded. Whoever creates a function over the wire names its address in the
//! environment variable [`ADDRESS_VARIABLE`].

mod address;
mod api_error;
mod client;
mod configuration;
pub(crate) mod error;
pub(crate) mod invocation;
pub(crate) mod migrations;
pub(crate) mod names;
pub(crate) mod operations;
mod permissions;
pub(crate) mod registry;

pub use self::{configuration::ADDRESS_VARIABLE, error::FunctionError, registry::Handler};
