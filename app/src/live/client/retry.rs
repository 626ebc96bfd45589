//! The delay of reconnects.

const RETRY_FLOOR_MILLIS: i64 = 500;
const RETRY_CEILING_MILLIS: i64 = 15_000;

/// The delay before a reconnect: full jitter from half a second to a ceiling that doubles with each failure, 15 seconds
/// at most.
pub(super) fn retry_after(failures: u32, random: f64) -> i64 {
    let ceiling = RETRY_FLOOR_MILLIS.saturating_mul(1 << failures.min(5)).min(RETRY_CEILING_MILLIS);
    RETRY_FLOOR_MILLIS + ((ceiling - RETRY_FLOOR_MILLIS) as f64 * random) as i64
}
