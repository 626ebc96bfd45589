//! The one table.

use std::time::Duration;

use super::floor::Work;
use super::load::Done;
use super::server::Kind;

/// One server under one number of clients.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) clients: usize,
    pub(crate) done: Done,
    pub(crate) started_in: Duration,
    /// MiB, with its tables made and nothing to do.
    pub(crate) idle: Option<f64>,
    /// MiB.
    pub(crate) peak: Option<f64>,
    /// Milliseconds of the server's processor time under the load.
    pub(crate) cpu: Option<f64>,
    /// For the engine alone.
    pub(crate) floor: Option<Floor>,
}

/// What the same takes those who do less.
#[derive(Debug)]
pub(crate) struct Floor {
    pub(crate) work: Work,
    /// The time of SQLite alone.
    pub(crate) took: Duration,
    /// The same of a server that only writes.
    pub(crate) behind_http: Option<BehindHttp>,
}

/// What a server did that only writes.
#[derive(Debug)]
pub(crate) struct BehindHttp {
    /// Lives a second.
    pub(crate) per_second: f64,
    /// Milliseconds of its processor time for a life.
    pub(crate) cpu: Option<f64>,
}

/// A number with so many places, or a dash for one that the system did not tell.
pub(crate) fn number(number: Option<f64>, places: usize) -> String {
    number.filter(|number| number.is_finite()).map_or_else(|| "–".to_owned(), |number| format!("{number:.places$}"))
}

/// Exact below 2^32, which is years of orders.
pub(crate) fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Prints the table, and what follows from it.
pub(crate) fn print(rows: &[Row]) {
    println!();
    println!(
        "| server | clients | lives a second | callback to next state, p50 ms | p99 ms | start-up ms | idle MiB \
         | peak MiB | server CPU ms a life | client CPU ms a life |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for row in rows {
        let lives = count(row.done.lives);
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.kind.name(),
            row.clients,
            number(Some(row.done.per_second), if row.done.per_second < 100.0 { 1 } else { 0 }),
            number(Some(row.done.p50), 2),
            number(Some(row.done.p99), 2),
            number(Some(row.started_in.as_secs_f64() * 1000.0), 0),
            number(row.idle, 1),
            number(row.peak, 1),
            number(row.cpu.map(|cpu| cpu / lives), 3),
            number(Some(row.done.cpu_ms / lives), 3),
        );
    }
    floors(rows);
    ratios(rows);
}

fn floors(rows: &[Row]) {
    println!();
    println!("| the floor under the engine | commits a life | bytes a life | lives a second | engine is slower by |");
    println!("|---|---:|---:|---:|---:|");
    for (row, Floor { work, took, .. }) in rows.iter().filter_map(|row| Some((row, row.floor.as_ref()?))) {
        let lives = count(row.done.lives);
        let floor = lives / took.as_secs_f64();
        println!(
            "| {} clients | {} | {} | {} | {} |",
            row.clients,
            number(Some(count(work.commits) / lives), 2),
            number(Some(count(work.bytes) / lives), 0),
            number(Some(floor), 0),
            number(Some(floor / row.done.per_second), 2),
        );
    }
    println!();
    println!(
        "| the floor behind HTTP | lives a second | slower than the floor by | engine is slower by \
         | server CPU ms a life | engine takes more by |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for (row, floor) in rows.iter().filter_map(|row| Some((row, row.floor.as_ref()?))) {
        let Some(BehindHttp { per_second, cpu }) = floor.behind_http else { continue };
        let lives = count(row.done.lives);
        let alone = lives / floor.took.as_secs_f64();
        println!(
            "| {} clients | {} | {} | {} | {} | {} |",
            row.clients,
            number(Some(per_second), 0),
            number(Some(alone / per_second), 2),
            number(Some(per_second / row.done.per_second), 2),
            number(cpu, 3),
            number(row.cpu.zip(cpu).map(|(ours, plain)| ours / lives / plain), 2),
        );
    }
}

fn ratios(rows: &[Row]) {
    let fastest = |wanted: fn(Kind) -> bool| {
        let speeds = rows.iter().filter(|row| wanted(row.kind)).map(|row| (row.done.per_second, row));
        speeds.max_by(|one, other| one.0.total_cmp(&other.0))
    };
    let (Some((ours, _)), Some((theirs, row))) =
        (fastest(|kind| kind == Kind::Engine), fastest(|kind| kind != Kind::Engine))
    else {
        return;
    };
    println!();
    println!(
        "The fastest stand-in is {} with {} clients; the engine at its fastest does {:.1} times as many lives.",
        row.kind.name(),
        row.clients,
        ours / theirs
    );
}
