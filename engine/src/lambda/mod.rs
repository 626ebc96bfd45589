//! Lambda. A function is either a handler in this process, or a program that is called over HTTP and implements
//! Lambda's invocation API, as `sam local start-lambda` and many test servers do.
//!
//! The engine runs no uploaded code. A function that is created over the wire has its address in the environment
//! variable [`ADDRESS_VARIABLE`].

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
