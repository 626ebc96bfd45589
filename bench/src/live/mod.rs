//! Live connections, compared with a server that only has websockets: `cargo xtask bench live`.
//!
//! The server, the bare server (the baseline) and the load generator are processes of their own on one machine. The bare
//! server repeats the bytes that the server has sent before. The phases: all readers connect; an idle phase;
//! some changes are sent to all; a barista works while all are connected; all connections break and reconnect at once.

mod bare_server;
mod connection;
pub(crate) mod load;
mod open_files;
mod readers;
mod table;
mod taps;
mod times;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, ensure};

use self::open_files::with_open_file_limit;
use self::table::Measured;
use crate::engine::process::machine_load;
use crate::orders::server::Server;

/// The default number of readers.
const READERS: usize = 10_000;

/// `live <doppio> <bare-websocket> <folder> [readers]`.
///
/// # Errors
/// A server does not start or refuses a request.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut word = || arguments.next().context("start this with `cargo xtask bench live`");
    let (bar, bare, folder) = (word()?, word()?, word()?);
    let readers = match arguments.next() {
        Some(text) => text.replace(['_', ','], "").parse().with_context(|| format!("`{text}` is not a number"))?,
        None => READERS,
    };
    let folder = Path::new(&folder);
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let load = machine_load().unwrap_or(f64::NAN);
    println!("{readers} sockets; {load:.1} processes were runnable over the last minute.\n");
    let limit = (readers + 1_000).to_string();
    let connections = (readers + readers / 4 + 2_000).to_string();
    let limits = ["--live-limit", &limit, "--live-limit-address", &limit, "--connection-limit", &connections];
    let server = Server::start_with(Path::new(&bar), folder, &limits)?;
    let cookie = server.sign_in()?;
    let of_bar = run_load(&server.host, server.id(), readers, &["bar", &cookie])?;
    server.stop()?;
    let baseline = bare_server::BareServer::start(Path::new(&bare), &of_bar.texts)?;
    let of_baseline = run_load(&baseline.host, baseline.id(), readers, &["baseline"])?;
    drop(baseline);
    fs::remove_dir_all(folder)?;
    table::print(&of_bar, &of_baseline);
    Ok(())
}

/// Runs the load generator against a server, in a process of its own.
fn run_load(host: &str, process: u32, readers: usize, server: &[&str]) -> anyhow::Result<Measured> {
    let mut load = with_open_file_limit(&std::env::current_exe()?);
    load.args(["readers", host, &process.to_string(), &readers.to_string()]).args(server);
    let output = load.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the load generator ended with {}", output.status);
    let text = String::from_utf8(output.stdout)?;
    serde_json::from_str(&text).with_context(|| format!("the load generator printed: {text}"))
}
