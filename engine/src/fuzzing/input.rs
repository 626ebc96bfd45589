//! Reading the input of a fuzz target, and failing.

use std::fmt;

/// The parts of an input, which lines of `---` separate; input that is not UTF-8 has one empty part.
pub(crate) fn parts(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.strip_suffix('\n').unwrap_or(text).split("\n---\n")
}

/// Fails the fuzz target unless `holds`.
pub(crate) fn check_that(holds: bool, what: impl fmt::Display) {
    assert!(holds, "{what}");
}
