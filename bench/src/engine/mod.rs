//! The engine, other AWS emulators and the baseline: `cargo xtask bench engine`.

mod baseline;
mod growth;
pub(crate) mod http;
pub(crate) mod load;
mod open;
mod order;
pub(crate) mod process;
mod server;
mod setup;
mod table;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};

use self::baseline::Work;
use self::load::Length;
use self::server::{Kind, Programs, Server};
use self::setup::{folder_size, prepare, run_load};
use self::table::{Baseline, BehindHttp, Row};
use crate::clock::sleep;

/// Numbers of concurrent clients.
const CLIENTS: [usize; 3] = [1, 8, 64];
/// Load before the measurement begins.
const WARM_UP: Duration = Duration::from_secs(2);
/// Duration of the measurement.
const COUNTED: Duration = Duration::from_secs(10);

/// `engine <engine-host> <environments> <folder> [growth [n] | open [n] | alone]`.
///
/// # Errors
/// A server does not start, or an order does not end as expected.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut path = || arguments.next().map(PathBuf::from).context("start this with `cargo xtask bench engine`");
    let programs = Programs { host: path()?, environments: path()?, folder: path()? };
    let mode = arguments.next();
    let mut number = |default| match arguments.next() {
        None => Ok(default),
        Some(text) => text.replace(['_', ','], "").parse::<u64>().with_context(|| format!("`{text}` is not a number")),
    };
    if programs.folder.exists() {
        fs::remove_dir_all(&programs.folder)?;
    }
    fs::create_dir_all(&programs.folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = match mode.as_deref() {
        None => runtime.block_on(compare(&programs, &[Kind::Engine, Kind::MiniStack, Kind::Moto])),
        Some("alone") => runtime.block_on(compare(&programs, &[Kind::Engine])),
        Some("growth") => runtime.block_on(growth::measure(&programs, number(1_000_000)?)),
        Some("open") => runtime.block_on(open::measure(&programs, number(100_000)?)),
        Some(other) => bail!("unknown mode `{other}`; known are growth, open and alone"),
    };
    // After an error the logs of the emulators stay for inspection.
    if outcome.is_ok() {
        fs::remove_dir_all(&programs.folder)?;
    }
    outcome
}

async fn compare(programs: &Programs, kinds: &[Kind]) -> anyhow::Result<()> {
    let each = (WARM_UP + COUNTED).as_secs();
    println!(
        "{} servers, {CLIENTS:?} clients, {each} seconds each, a new server for each; {} processes were runnable over \
         the last minute.",
        kinds.len(),
        table::number(process::machine_load(), 1)
    );
    let mut rows = Vec::new();
    for kind in kinds {
        for clients in CLIENTS {
            eprintln!("{} with {clients} …", kind.name());
            let mut row = one(programs, *kind, clients).await?;
            if let Some(baseline) = &mut row.baseline {
                eprintln!("the baseline behind HTTP with {clients} …");
                baseline.behind_http = Some(behind_http(programs, baseline.work, row.load.orders, clients).await?);
            }
            rows.push(row);
        }
    }
    table::print(&rows);
    Ok(())
}

/// Measures one server with one number of clients.
async fn one(programs: &Programs, kind: Kind, clients: usize) -> anyhow::Result<Row> {
    let data = programs.folder.join("data");
    let mut server = Server::start(programs, kind, &data).await?;
    let machine = prepare(&server).await?;
    sleep(Duration::from_secs(1)).await;
    let idle = process::memory(server.id());
    let (cpu, commits, bytes) = (server.cpu_ms(), server.commits()?, folder_size(&data));
    let load = run_load(&server, &machine, clients, Length::Counted { warm_up: WARM_UP, counted: COUNTED })?;
    let cpu = server.cpu_ms().zip(cpu).map(|(after, before)| after - before);
    let commits = server.commits()?.zip(commits).map(|(after, before)| after - before);
    let (started_in, peak) = (server.started_in, process::peak_memory(server.id()));
    server.stop()?;
    let mut baseline = None;
    if let Some(commits) = commits {
        let work = Work { commits, bytes: folder_size(&data).saturating_sub(bytes) };
        fs::remove_dir_all(&data)?;
        baseline = Some(Baseline { work, took: baseline::write(&data, work)?, behind_http: None });
    }
    Ok(Row { kind, clients, load, started_in, idle, peak, cpu, baseline })
}

/// Measures a server that only writes as many bytes per order as the engine has written.
async fn behind_http(programs: &Programs, work: Work, orders: u64, clients: usize) -> anyhow::Result<BehindHttp> {
    let data = programs.folder.join("data");
    let bytes = work.bytes / (orders * order::WRITES).max(1);
    let server = Server::start(programs, Kind::Plain { bytes }, &data).await?;
    let cpu = server.cpu_ms();
    let load = run_load(&server, order::PLAIN, clients, Length::Counted { warm_up: WARM_UP, counted: COUNTED })?;
    let cpu = server.cpu_ms().zip(cpu).map(|(after, before)| (after - before) / table::count(load.orders));
    server.stop()?;
    fs::remove_dir_all(&data)?;
    Ok(BehindHttp { per_second: load.per_second, cpu })
}
