//! `cargo xtask lighthouse`: runs Lighthouse against the real server with some orders.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ExitCode, Stdio};

use anyhow::{Context as _, bail};

use crate::bundle::{self, Build};
use crate::paths::Paths;
use crate::prepare;
use crate::process::{exit_code, loud, program};
use crate::serve;

/// Prints the medians for every kind of page, and fails below the goals. `arguments` may contain the number of runs.
///
/// # Errors
/// Something is missing or does not compile, or the server does not start.
pub(crate) fn lighthouse(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    let browser = prepare::lighthouse(paths)?;
    bundle::ensure(paths, Build::Release)?;
    let binary = serve::build(paths, "serve")?;
    let data = paths.target().join("lighthouse");
    // Data of the last run.
    let _ = std::fs::remove_dir_all(&data);
    let mut command = program(paths, binary);
    command.args(["serve", "--listen", "127.0.0.1:0", "--aws-api", "off", "--data-dir"]).arg(&data);
    let mut server =
        Server(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("the server did not start")?);
    let (site, staff) = server.addresses()?;
    let mut run = program(paths, "node");
    run.arg(paths.end2end().join("lighthouse/run.mjs")).args([&site, &staff]).args(arguments).env("CHROMIUM", &browser);
    loud(&mut run).map(exit_code)
}

/// A server that is killed when this is dropped.
struct Server(Child);

impl Server {
    /// The URL of the menu, and the staff link.
    fn addresses(&mut self) -> anyhow::Result<(String, String)> {
        let lines = BufReader::new(self.0.stdout.take().context("the server has no output")?).lines();
        let mut site = None;
        for line in lines {
            let line = line?;
            if let Some(address) = line.strip_prefix("Order") {
                site = Some(address.trim().to_owned());
            } else if let Some(link) = line.strip_prefix("Staff link ") {
                let link = link.split_whitespace().next().unwrap_or_default().to_owned();
                return Ok((site.context("the server did not print its address")?, link));
            }
        }
        bail!("the server ended before it listened: run `cargo xtask serve` to see why")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if the process has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
