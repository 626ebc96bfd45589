//! A call of a DynamoDB operation.

use serde_json::Value;

use crate::fault::Fault;

/// A call, and how to compare its response.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) request: Value,
    /// The order of the returned items does not matter.
    pub(crate) any_order: bool,
    /// Read all pages and compare them together.
    pub(crate) all_pages: bool,
    /// Read all segments of a parallel scan and compare them together.
    pub(crate) segments: Option<usize>,
    /// Faults that the generator made and that the request alone does not show.
    pub(crate) faults: Vec<Fault>,
}

impl Call {
    pub(crate) fn new(operation: &'static str, request: Value) -> Self {
        Self { operation, request, any_order: false, all_pages: false, segments: None, faults: Vec::new() }
    }
}
