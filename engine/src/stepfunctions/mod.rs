//! Step Functions: the interpreter of the Amazon States Language, and the service that runs it.

pub mod language;
pub(crate) mod service;
