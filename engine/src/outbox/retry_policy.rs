//! The retry policy of a delivery.

/// How long and how often a delivery is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RetryPolicy {
    pub(crate) max_attempts: i64,
    pub(crate) max_age_ms: i64,
}

impl RetryPolicy {
    /// EventBridge's default: 185 retries, 24 hours.
    pub(crate) const DEFAULT: Self = Self { max_attempts: 186, max_age_ms: 24 * 3600 * 1000 };
}
