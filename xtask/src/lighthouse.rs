//! `cargo xtask lighthouse`: the real server with some orders, looked at as a stranger's tool does.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ExitCode, Stdio};

use anyhow::{Context as _, bail};

use crate::bundle::{self, Build};
use crate::paths::Paths;
use crate::prepare;
use crate::process::{exit_code, loud, program};
use crate::serve;

/// Prints the medians for every kind of page, and fails below the goals; `arguments` may say how many runs each.
///
/// # Errors
/// Something is missing or does not compile, or the server does not start.
pub(crate) fn lighthouse(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    let browser = prepare::lighthouse(paths)?;
    bundle::ensure(paths, Build::Release)?;
    let binary = serve::build(paths, "serve")?;
    let data = paths.target().join("lighthouse");
    // Left over from the last time, and in the way of nothing else.
    let _ = std::fs::remove_dir_all(&data);
    let mut command = program(paths, binary);
    command.args(["serve", "--listen", "127.0.0.1:0", "--aws-api", "off", "--data-dir"]).arg(&data);
    let mut bar =
        Bar(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("the server did not start")?);
    let (site, staff) = bar.addresses()?;
    let mut run = program(paths, "node");
    run.arg(paths.end2end().join("lighthouse/run.mjs")).args([&site, &staff]).args(arguments).env("CHROMIUM", &browser);
    loud(&mut run).map(exit_code)
}

/// A server that ends with this command.
struct Bar(Child);

impl Bar {
    /// Where guests order, and the staff link.
    fn addresses(&mut self) -> anyhow::Result<(String, String)> {
        let lines = BufReader::new(self.0.stdout.take().context("the server says nothing")?).lines();
        let mut site = None;
        for line in lines {
            let line = line?;
            if let Some(address) = line.strip_prefix("Order") {
                site = Some(address.trim().to_owned());
            } else if let Some(link) = line.strip_prefix("Staff link ") {
                let link = link.split_whitespace().next().unwrap_or_default().to_owned();
                return Ok((site.context("the server did not say where it is")?, link));
            }
        }
        bail!("the server ended before it listened: run `cargo xtask serve` to see why")
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
