//! Steps that all measurements of the engine share.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::ensure;

use super::http::Connection;
use super::load::{Length, LoadResult};
use super::order;
use super::server::{Server, configure};

/// The time-out of a task in seconds. No task of the benchmark takes so long.
const TASK_TIMEOUT: u32 = 900;

/// Creates the tables and the state machine. Returns the ARN of the state machine.
pub(super) async fn prepare(server: &Server) -> anyhow::Result<String> {
    configure(server).await?;
    order::prepare(&mut Connection::new(&server.address), "Order", TASK_TIMEOUT).await
}

/// Runs the load generator against a server, in a process of its own.
pub(super) fn run_load(server: &Server, machine: &str, clients: usize, length: Length) -> anyhow::Result<LoadResult> {
    let mut load = Command::new(std::env::current_exe()?);
    load.args(["load", &server.address, machine, &clients.to_string()]);
    match length {
        Length::Counted { warm_up, counted } => {
            load.args(["counted", &warm_up.as_millis().to_string(), &counted.as_millis().to_string()]);
        }
        Length::Orders(number) => {
            load.args(["orders", &number.to_string()]);
        }
    }
    let output = load.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the load on {} failed ({})", server.kind.name(), output.status);
    LoadResult::parse(&String::from_utf8_lossy(&output.stdout))
}

/// The total size of the files in a folder, in bytes.
pub(super) fn folder_size(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
}
