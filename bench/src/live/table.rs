//! What was measured, and how it is printed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::taps::Taps;

/// What the load generator has found out about one server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// Until the last reader had its first text.
    pub(crate) connected: Duration,
    /// Processor time of the server for it, in microseconds a reader.
    pub(crate) connect_cpu: f64,
    /// Memory of the server a reader, in KiB.
    pub(crate) each: f64,
    /// The same after the news.
    pub(crate) each_after_news: f64,
    /// The same after all had been cut off and had come back.
    pub(crate) each_after_return: f64,
    /// Processor time of the server while nothing happens, in milliseconds a second.
    pub(crate) idle: f64,
    /// Heartbeats of everybody a second.
    pub(crate) idle_texts: f64,
    /// Processor time of the server, in microseconds a delivered text.
    pub(crate) delivery: f64,
    /// From a change to the last reader.
    pub(crate) news: Times,
    /// Until the last reader of all had come back and had its first text.
    pub(crate) returned: Duration,
    /// Processor time of the server for it, in microseconds a reader.
    pub(crate) return_cpu: f64,
    /// Only a bar has a barista.
    pub(crate) taps: Option<Taps>,
    /// What the server has said: a first text, a heartbeat, the last news.
    pub(crate) texts: [String; 3],
}

/// Of many times the middle one, and the one that 99 of 100 do not pass, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
            times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
        };
        Self { p50: at(50), p99: at(99) }
    }
}

/// Prints both servers and how many times the floor the bar takes.
pub(crate) fn print(bar: &Measured, floor: &Measured) {
    println!("| | bar | floor | bar / floor | to reach |");
    println!("|---|---:|---:|---:|---:|");
    let row = |what: &str, of: fn(&Measured) -> f64, goal: &str| {
        let (bar, floor) = (of(bar), of(floor));
        println!("| {what} | {bar:.2} | {floor:.2} | {:.2} | {goal} |", bar / floor);
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
        row("from calling off to the frames on board and phone, p50 ms", taps.call_off.p50, "");
        row("… p99 ms", taps.call_off.p99, "20");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_times_the_second_longest_is_the_one_that_99_do_not_pass() {
        let times = Times::of((1..=100).rev().map(Duration::from_millis).collect());
        assert!((times.p50 - 50.0).abs() < 1e-9 && (times.p99 - 99.0).abs() < 1e-9, "{times:?}");
        let few = Times::of((1..=30).map(Duration::from_millis).collect());
        assert!((few.p99 - 30.0).abs() < 1e-9, "{few:?}");
    }
}
