//! Continuous integration.

/// Whether this runs in continuous integration (`CI=true`), where a skipped part counts as a failure.
pub(crate) fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}
