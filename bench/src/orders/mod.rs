//! Complete orders per second: `cargo xtask bench orders`.
//!
//! It starts the server that `cargo xtask serve` builds, with an empty data folder, and processes orders over HTTP with
//! one client and with 32. The baseline is the number of durable commits per second of the same disk, with one and with 32
//! writes each. No order can cost less than its commits.

mod baseline;
mod client;
pub(crate) mod http;
mod load;
pub(crate) mod server;

use std::fs;
use std::path::Path;
use std::time::Duration;

/// Load before the measurement. It is longer than the undo window of four seconds, so that orders are collected as fast as
/// they are started.
const WARM_UP: Duration = Duration::from_secs(8);
/// Duration of the measurement.
const COUNTED: Duration = Duration::from_secs(20);
const CLIENTS: [usize; 2] = [1, 32];

/// Measures the server `binary` and prints the table.
///
/// # Errors
/// The server does not start, or refuses a command.
pub(crate) fn run(binary: &Path) -> anyhow::Result<()> {
    // Not in the temporary folder, which may be in memory.
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
        let rate = baseline::commits_per_second(&folder.join(format!("baseline-{batch}.db")), batch)?;
        println!(
            "| baseline: durable commits of {batch} small write{} | {rate:.0} |",
            if batch == 1 { "" } else { "s" }
        );
    }
    Ok(())
}
