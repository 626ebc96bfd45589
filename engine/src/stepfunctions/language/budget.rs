//! Limits on the data that one computation may produce.
//!
//! A template of a few lines can name the same large input a thousand times. AWS limits the input and output of a
//! state; this limits intermediate data, before it is allocated.

use std::io;

use serde_json::Value;

/// Maximum size in bytes of the JSON that one computation may produce: four times that of a state, because nested
/// functions may need more than they return.
const MAX_BYTES: usize = 1 << 20;

/// What a computation may still produce.
#[derive(Debug)]
pub(super) struct Budget(SizeLimit);

/// The computation would produce too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BudgetExceeded;

impl Default for Budget {
    fn default() -> Self {
        Self(SizeLimit::of(MAX_BYTES))
    }
}

impl Budget {
    /// Subtracts the size of the value's JSON.
    pub(super) fn spend(&mut self, value: &Value) -> Result<(), BudgetExceeded> {
        serde_json::to_writer(&mut self.0, value).map_err(|_| BudgetExceeded)
    }
}

/// A writer that discards its input and fails when its capacity is used up.
#[derive(Debug)]
pub(super) struct SizeLimit(usize);

impl SizeLimit {
    pub(super) fn of(bytes: usize) -> Self {
        Self(bytes)
    }
}

impl io::Write for SizeLimit {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether the value has at most this many levels of nesting.
pub(super) fn is_within_depth(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| is_within_depth(item, levels - 1)),
        Value::Object(members) => levels > 0 && members.values().all(|value| is_within_depth(value, levels - 1)),
        _ => true,
    }
}
