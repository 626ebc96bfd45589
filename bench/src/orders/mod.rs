//! Whole orders a second: `cargo xtask bench orders`.
//!
//! It starts the server that `cargo xtask serve` builds, on an empty data folder, and gives it customers and baristas
//! over HTTP, first one client and then 32. Beside that stands the floor: how many durable commits a second the same
//! disk takes, one by one and 32 orders a commit. No order can be cheaper than its commits.

mod floor;
pub(crate) mod http;
mod life;
mod load;
pub(crate) mod server;

use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long each number of clients works before anything is counted: longer than the undo window of four seconds, so
/// that as many orders are collected as are started.
const WARM_UP: Duration = Duration::from_secs(8);
/// How long is counted.
const COUNTED: Duration = Duration::from_secs(20);
const CLIENTS: [usize; 2] = [1, 32];

/// Measures the server `binary` and prints the table.
///
/// # Errors
/// The server does not start, or refuses what it should not.
pub(crate) fn run(binary: &Path) -> anyhow::Result<()> {
    // Beside the binary and not in the temporary folder, which may lie in memory and have no disk to wait for.
    let folder = binary.with_file_name("bench-data");
    let outcome = measure(binary, &folder);
    let _ = fs::remove_dir_all(&folder);
    outcome
}

fn measure(binary: &Path, folder: &Path) -> anyhow::Result<()> {
    println!("| what | a second |");
    println!("|---|---:|");
    for clients in CLIENTS {
        let data = folder.join(format!("clients-{clients}"));
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let server = server::Server::start(binary, &data)?;
        let counted = load::run(&server, clients, WARM_UP, COUNTED)?;
        server.stop()?;
        let noun = if clients == 1 { "client" } else { "clients" };
        println!("| whole orders, {clients} {noun} | {:.0} |", counted.per_second());
        println!("| HTTP requests for them | {:.0} |", counted.requests_per_second());
    }
    fs::create_dir_all(folder)?;
    for batch in [1, 32] {
        let rate = floor::commits_per_second(&folder.join(format!("floor-{batch}.db")), batch)?;
        println!("| floor: durable commits of {batch} small write{} | {rate:.0} |", if batch == 1 { "" } else { "s" });
    }
    Ok(())
}
