//! Real time: what this program measures.

use std::thread;
use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark works for a given time")]
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}
