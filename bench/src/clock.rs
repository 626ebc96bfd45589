//! Real time. Everything else in the workspace takes its time from an injected clock.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the load lasts a given time")]
pub(crate) fn sleep_blocking(time: Duration) {
    thread::sleep(time);
}

#[expect(clippy::disallowed_methods, reason = "a benchmark polls at intervals")]
pub(crate) async fn sleep(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Waits for `coming` at most `limit`. `what` names it in the error.
///
/// # Errors
/// It fails, or the time is up.
pub(crate) async fn within<T>(
    limit: Duration,
    what: impl fmt::Display,
    coming: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    match tokio::time::timeout(limit, coming).await {
        Ok(came) => came.with_context(|| format!("while waiting for {what}")),
        Err(_) => Err(anyhow::anyhow!("{what} took longer than {} s", limit.as_secs_f64())),
    }
}
