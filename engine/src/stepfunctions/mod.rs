//! Step Functions: the interpreter of the Amazon States Language, and the service that runs it.

pub(crate) mod language;
pub(crate) mod service;
