//! Real time: what this program measures.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark works for a given time")]
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}

#[expect(clippy::disallowed_methods, reason = "a benchmark asks again after a given time")]
pub(crate) async fn nap(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Waits for `what` no longer than `limit`, so that what never comes is said.
///
/// # Errors
/// It fails, or has not come in time.
pub(crate) async fn within<T>(
    limit: Duration,
    what: impl fmt::Display,
    coming: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    match tokio::time::timeout(limit, coming).await {
        Ok(came) => came.with_context(|| format!("while waiting for {what}")),
        Err(_) => Err(anyhow::anyhow!("{what} has not come within {} s", limit.as_secs_f64())),
    }
}
