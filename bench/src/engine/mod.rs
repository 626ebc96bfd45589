//! The engine beside its stand-ins and the floor: `cargo xtask bench engine`.

mod floor;
mod growth;
pub(crate) mod http;
mod life;
pub(crate) mod load;
mod open;
pub(crate) mod process;
mod server;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

use self::floor::Work;
use self::http::Connection;
use self::load::{Done, Length};
use self::server::{Kind, Programs, Server, configure};
use self::table::{BehindHttp, Floor, Row};
use crate::clock::nap;

/// The version of MiniStack that `cargo xtask bench engine` installs.
const MINISTACK: &str = "1.5.33";
/// The version of moto that it installs.
const MOTO: &str = "5.2.5";
/// Clients at once.
const CLIENTS: [usize; 3] = [1, 8, 64];
/// Seconds that a wait may take; no wait of the benchmark does.
const PLENTY: u32 = 900;
/// How long a server works before anything is counted.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long is counted.
const COUNTED: Duration = Duration::from_secs(10);

/// `engine <engine-host> <environments> <folder> [growth [n] | open [n] | alone]`.
///
/// # Errors
/// A server does not start, or an order does not live as it should.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut path = || arguments.next().map(PathBuf::from).context("start this with `cargo xtask bench engine`");
    let programs = Programs { host: path()?, environments: path()?, folder: path()? };
    let what = arguments.next();
    let mut number = |default| match arguments.next() {
        None => Ok(default),
        Some(text) => text.replace(['_', ','], "").parse::<u64>().with_context(|| format!("`{text}` is not a number")),
    };
    if programs.folder.exists() {
        fs::remove_dir_all(&programs.folder)?;
    }
    fs::create_dir_all(&programs.folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = match what.as_deref() {
        None => runtime.block_on(compare(&programs, &[Kind::Engine, Kind::MiniStack, Kind::Moto])),
        Some("alone") => runtime.block_on(compare(&programs, &[Kind::Engine])),
        Some("growth") => runtime.block_on(growth::measure(&programs, number(1_000_000)?)),
        Some("open") => runtime.block_on(open::measure(&programs, number(100_000)?)),
        Some(other) => bail!("there is no `{other}`; there are growth, open and alone"),
    };
    // The logs of a stand-in that failed are worth a look; data is not.
    if outcome.is_ok() {
        fs::remove_dir_all(&programs.folder)?;
    }
    outcome
}

async fn compare(programs: &Programs, kinds: &[Kind]) -> anyhow::Result<()> {
    let each = (WARM_UP + COUNTED).as_secs();
    println!(
        "{} servers, {CLIENTS:?} clients, {each} seconds each, every server fresh; {} processes were ready to run over \
         the last minute.",
        kinds.len(),
        table::number(process::machine_load(), 1)
    );
    let mut rows = Vec::new();
    for kind in kinds {
        for clients in CLIENTS {
            eprintln!("{} with {clients} …", kind.name());
            let mut row = one(programs, *kind, clients).await?;
            if let Some(floor) = &mut row.floor {
                eprintln!("the floor behind HTTP with {clients} …");
                floor.behind_http = Some(behind_http(programs, floor.work, row.done.lives, clients).await?);
            }
            rows.push(row);
        }
    }
    table::print(&rows);
    Ok(())
}

/// One server with one number of clients.
async fn one(programs: &Programs, kind: Kind, clients: usize) -> anyhow::Result<Row> {
    let data = programs.folder.join("data");
    let mut server = Server::start(programs, kind, &data).await?;
    let machine = prepare(&server).await?;
    nap(Duration::from_secs(1)).await;
    let idle = process::memory(server.id());
    let (cpu, commits, bytes) = (server.cpu_ms(), server.commits()?, size(&data));
    let done = put(&server, &machine, clients, Length::Counted { warm_up: WARM_UP, counted: COUNTED })?;
    let cpu = server.cpu_ms().zip(cpu).map(|(after, before)| after - before);
    let commits = server.commits()?.zip(commits).map(|(after, before)| after - before);
    let (started_in, peak) = (server.started_in, process::peak_memory(server.id()));
    server.stop()?;
    let mut floor = None;
    if let Some(commits) = commits {
        let work = Work { commits, bytes: size(&data).saturating_sub(bytes) };
        fs::remove_dir_all(&data)?;
        floor = Some(Floor { work, took: floor::write(&data, work)?, behind_http: None });
    }
    Ok(Row { kind, clients, done, started_in, idle, peak, cpu, floor })
}

/// A server that does nothing but write as many bytes for a life as the engine has written.
async fn behind_http(programs: &Programs, work: Work, lives: u64, clients: usize) -> anyhow::Result<BehindHttp> {
    let data = programs.folder.join("data");
    let bytes = work.bytes / (lives * life::WRITES).max(1);
    let server = Server::start(programs, Kind::Plain { bytes }, &data).await?;
    let cpu = server.cpu_ms();
    let done = put(&server, life::PLAIN, clients, Length::Counted { warm_up: WARM_UP, counted: COUNTED })?;
    let cpu = server.cpu_ms().zip(cpu).map(|(after, before)| (after - before) / table::count(done.lives));
    server.stop()?;
    fs::remove_dir_all(&data)?;
    Ok(BehindHttp { per_second: done.per_second, cpu })
}

/// Makes what a life needs; returns the ARN of the state machine.
async fn prepare(server: &Server) -> anyhow::Result<String> {
    configure(server).await?;
    life::prepare(&mut Connection::new(&server.address), "Order", PLENTY).await
}

/// Puts load on a server, from a process of its own.
fn put(server: &Server, machine: &str, clients: usize, length: Length) -> anyhow::Result<Done> {
    let mut load = Command::new(std::env::current_exe()?);
    load.args(["load", &server.address, machine, &clients.to_string()]);
    match length {
        Length::Counted { warm_up, counted } => {
            load.args(["counted", &warm_up.as_millis().to_string(), &counted.as_millis().to_string()]);
        }
        Length::Lives(number) => {
            load.args(["lives", &number.to_string()]);
        }
    }
    let output = load.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the load on {} failed ({})", server.kind.name(), output.status);
    Done::parse(&String::from_utf8_lossy(&output.stdout))
}

/// Bytes of all files in a folder.
fn size(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
}
