//! The table of results.

use std::time::Duration;

use super::baseline::Work;
use super::load::LoadResult;
use super::server::Kind;

/// One server with one number of clients.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) clients: usize,
    pub(crate) load: LoadResult,
    pub(crate) started_in: Duration,
    /// Memory of the idle server with its tables, in MiB.
    pub(crate) idle: Option<f64>,
    /// Peak memory in MiB.
    pub(crate) peak: Option<f64>,
    /// CPU time of the server under the load, in milliseconds.
    pub(crate) cpu: Option<f64>,
    /// Only for the engine.
    pub(crate) baseline: Option<Baseline>,
}

/// The cost of the same writes without the engine.
#[derive(Debug)]
pub(crate) struct Baseline {
    pub(crate) work: Work,
    /// The time of SQLite alone.
    pub(crate) took: Duration,
    /// The result of a server that only writes.
    pub(crate) behind_http: Option<BehindHttp>,
}

/// The result of a server that only writes.
#[derive(Debug)]
pub(crate) struct BehindHttp {
    /// Orders per second.
    pub(crate) per_second: f64,
    /// CPU time per order, in milliseconds.
    pub(crate) cpu: Option<f64>,
}

/// A number with `places` decimals, or a dash if the system did not report it.
pub(crate) fn number(number: Option<f64>, places: usize) -> String {
    number.filter(|number| number.is_finite()).map_or_else(|| "–".to_owned(), |number| format!("{number:.places$}"))
}

/// Exact below 2^32.
pub(crate) fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Prints the table and the ratios.
pub(crate) fn print(rows: &[Row]) {
    println!();
    println!(
        "| server | clients | orders a second | callback to next state, p50 ms | p99 ms | start-up ms | idle MiB \
         | peak MiB | server CPU ms an order | client CPU ms an order |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for row in rows {
        let orders = count(row.load.orders);
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.kind.name(),
            row.clients,
            number(Some(row.load.per_second), if row.load.per_second < 100.0 { 1 } else { 0 }),
            number(Some(row.load.p50), 2),
            number(Some(row.load.p99), 2),
            number(Some(row.started_in.as_secs_f64() * 1000.0), 0),
            number(row.idle, 1),
            number(row.peak, 1),
            number(row.cpu.map(|cpu| cpu / orders), 3),
            number(Some(row.load.cpu_ms / orders), 3),
        );
    }
    baselines(rows);
    ratios(rows);
}

fn baselines(rows: &[Row]) {
    println!();
    println!(
        "| the baseline of the engine | commits an order | bytes an order | orders a second | engine is slower by |"
    );
    println!("|---|---:|---:|---:|---:|");
    for (row, Baseline { work, took, .. }) in rows.iter().filter_map(|row| Some((row, row.baseline.as_ref()?))) {
        let orders = count(row.load.orders);
        let baseline = orders / took.as_secs_f64();
        println!(
            "| {} clients | {} | {} | {} | {} |",
            row.clients,
            number(Some(count(work.commits) / orders), 2),
            number(Some(count(work.bytes) / orders), 0),
            number(Some(baseline), 0),
            number(Some(baseline / row.load.per_second), 2),
        );
    }
    println!();
    println!(
        "| the baseline behind HTTP | orders a second | slower than the baseline by | engine is slower by \
         | server CPU ms an order | engine takes more by |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for (row, baseline) in rows.iter().filter_map(|row| Some((row, row.baseline.as_ref()?))) {
        let Some(BehindHttp { per_second, cpu }) = baseline.behind_http else { continue };
        let orders = count(row.load.orders);
        let alone = orders / baseline.took.as_secs_f64();
        println!(
            "| {} clients | {} | {} | {} | {} | {} |",
            row.clients,
            number(Some(per_second), 0),
            number(Some(alone / per_second), 2),
            number(Some(per_second / row.load.per_second), 2),
            number(cpu, 3),
            number(row.cpu.zip(cpu).map(|(ours, plain)| ours / orders / plain), 2),
        );
    }
}

fn ratios(rows: &[Row]) {
    let fastest = |wanted: fn(Kind) -> bool| {
        let speeds = rows.iter().filter(|row| wanted(row.kind)).map(|row| (row.load.per_second, row));
        speeds.max_by(|one, other| one.0.total_cmp(&other.0))
    };
    let (Some((ours, _)), Some((theirs, row))) =
        (fastest(|kind| kind == Kind::Engine), fastest(|kind| kind != Kind::Engine))
    else {
        return;
    };
    println!();
    println!(
        "The fastest emulator is {} with {} clients; the engine at its fastest does {:.1} times as many orders.",
        row.kind.name(),
        row.clients,
        ours / theirs
    );
}
