//! Reading the input of a fuzz target, and stopping the fuzzer.

use std::fmt;

/// The parts of an input; what is not UTF-8 has none.
pub(crate) fn parts(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.strip_suffix('\n').unwrap_or(text).split("\n---\n")
}

/// Stops the fuzzer: `what` must hold whatever was sent.
pub(crate) fn must(holds: bool, what: impl fmt::Display) {
    assert!(holds, "{what}");
}
