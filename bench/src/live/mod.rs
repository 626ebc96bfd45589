//! Live connections, beside a server that does nothing but websockets: `cargo xtask bench live`.
//!
//! The bar, the floor and the load generator are processes of their own on one machine. The floor repeats the bytes that
//! the bar has sent just before. First everybody connects; then nothing happens, to see what that costs; then everybody
//! hears of a few changes; then a barista works while everybody is connected; then all are cut off and come back at
//! once.

mod crowd;
mod floor;
mod frames;
pub(crate) mod load;
mod table;
mod taps;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use self::table::Measured;
use crate::engine::process::machine_load;
use crate::orders::server::Server;

/// Readers at once.
const READERS: usize = 10_000;

/// `live <doppio> <bare-websocket> <folder> [readers]`.
///
/// # Errors
/// A server does not start, or does not do what it should.
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
    println!("{readers} sockets; {load:.1} processes were ready to run over the last minute.\n");
    let limit = (readers + 1_000).to_string();
    let connections = (readers + readers / 4 + 2_000).to_string();
    let limits = ["--live-limit", &limit, "--live-limit-address", &limit, "--connection-limit", &connections];
    let server = Server::start_with(Path::new(&bar), folder, &limits)?;
    let cookie = server.sign_in()?;
    let of_bar = put(&server.host, server.id(), readers, &["bar", &cookie])?;
    server.stop()?;
    let floor = floor::Floor::start(Path::new(&bare), &of_bar.texts)?;
    let of_floor = put(&floor.host, floor.id(), readers, &["floor"])?;
    drop(floor);
    fs::remove_dir_all(folder)?;
    table::print(&of_bar, &of_floor);
    Ok(())
}

/// Puts the load on a server, from a process of its own.
fn put(host: &str, process: u32, readers: usize, server: &[&str]) -> anyhow::Result<Measured> {
    let mut load = with_many_files(&std::env::current_exe()?);
    load.args(["crowd", host, &process.to_string(), &readers.to_string()]).args(server);
    let output = load.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the load generator ended with {}", output.status);
    let text = String::from_utf8(output.stdout)?;
    serde_json::from_str(&text).with_context(|| format!("the load generator said: {text}"))
}

/// A program with as many open files as this user may have. Many systems begin at 1,024.
fn with_many_files(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -n "$(ulimit -H -n)"; exec "$0" "$@""#]).arg(program);
    command
}
