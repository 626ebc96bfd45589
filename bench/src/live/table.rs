//! The figures of one server, and the table that compares two.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::taps::Taps;
use super::times::Times;

/// The figures of one server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// Time until the last reader had its first message.
    pub(crate) connected: Duration,
    /// CPU time of the server meanwhile, in microseconds per reader.
    pub(crate) connect_cpu: f64,
    /// Memory of the server per reader, in KiB.
    pub(crate) each: f64,
    /// The same after the changes.
    pub(crate) each_after_news: f64,
    /// The same after all readers have reconnected.
    pub(crate) each_after_return: f64,
    /// CPU time of the idle server, in milliseconds per second.
    pub(crate) idle: f64,
    /// Heartbeats to all readers per second.
    pub(crate) idle_texts: f64,
    /// CPU time of the server, in microseconds per delivered message.
    pub(crate) delivery: f64,
    /// Time from a change to the last reader.
    pub(crate) news: Times,
    /// Time until the last reader has reconnected and had its first message.
    pub(crate) returned: Duration,
    /// CPU time of the server meanwhile, in microseconds per reader.
    pub(crate) return_cpu: f64,
    /// Only measured on the server, not on the bare server.
    pub(crate) taps: Option<Taps>,
    /// Messages of the server: a snapshot, a heartbeat, the last change.
    pub(crate) texts: [String; 3],
}

/// Prints both servers and their ratio.
pub(crate) fn print(bar: &Measured, baseline: &Measured) {
    println!("| | bar | baseline | bar / baseline | to reach |");
    println!("|---|---:|---:|---:|---:|");
    let row = |what: &str, of: fn(&Measured) -> f64, goal: &str| {
        let (bar, baseline) = (of(bar), of(baseline));
        println!("| {what} | {bar:.2} | {baseline:.2} | {:.2} | {goal} |", bar / baseline);
    };
    row("memory a socket, KiB", |server| server.each, "8, and 1.15 times");
    row("… after the news", |server| server.each_after_news, "");
    row("… after all have come back", |server| server.each_after_return, "");
    row("CPU µs a delivered message", |server| server.delivery, "1.15 times");
    row("idle: CPU ms a second", |server| server.idle, "");
    row("idle: heartbeats a second", |server| server.idle_texts, "");
    row("from a change to the last socket, p50 ms", |server| server.news.p50, "");
    row("… p99 ms", |server| server.news.p99, "");
    row("all connect, s", |server| server.connected.as_secs_f64(), "");
    row("… CPU µs a socket", |server| server.connect_cpu, "");
    row("all are cut off and come back, s", |server| server.returned.as_secs_f64(), "");
    row("… CPU µs a socket", |server| server.return_cpu, "");
    if let Some(taps) = &bar.taps {
        let row = |what: &str, number: f64, goal: &str| println!("| {what} | {number:.2} | | | {goal} |");
        row("from *Claim* to the frame on the phone, p50 ms", taps.claim.p50, "");
        row("… p99 ms", taps.claim.p99, "20");
        row("from *Cancel* to the frames on board and phone, p50 ms", taps.cancel.p50, "");
        row("… p99 ms", taps.cancel.p99, "20");
    }
}
