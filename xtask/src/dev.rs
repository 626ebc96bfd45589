//! `cargo xtask dev`: build and start again whenever a file changes.

use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use crate::bundle::{self, Build};
use crate::fingerprint;
use crate::paths::Paths;
use crate::prepare;
use crate::process::program;
use crate::serve;

/// How often the files are looked at. A few hundred of them take about a millisecond.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long the server may take to end before it is ended.
const GRACE: Duration = Duration::from_secs(10);

/// What the server is made of beside the pages.
const SERVER: [&str; 3] = ["server", "engine", "workflow"];

/// Runs until ctrl-c, which the terminal sends to the server as well.
///
/// A change that does not compile leaves the last good server running.
///
/// # Errors
/// A tool is missing, or the files cannot be looked at.
pub(crate) fn dev(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    let watched: Vec<&str> = bundle::INPUTS.iter().chain(&SERVER).copied().collect();
    let mut server: Option<Child> = None;
    loop {
        let seen = fingerprint::newest(paths.root(), &watched)?;
        match build(paths) {
            Ok(binary) => {
                if let Some(old) = server.take() {
                    stop(old);
                }
                server = Some(start(paths, &binary, arguments)?);
            }
            Err(error) => eprintln!("\n{error:#}\n\nWaiting for the next change."),
        }
        while fingerprint::newest(paths.root(), &watched)? == seen {
            pause(LOOK_EVERY);
        }
    }
}

fn build(paths: &Paths) -> anyhow::Result<std::path::PathBuf> {
    bundle::ensure(paths, Build::Debug)?;
    serve::build(paths, "dev")
}

fn start(paths: &Paths, binary: &Path, arguments: &[String]) -> anyhow::Result<Child> {
    let mut command: Command = program(paths, binary);
    Ok(command.arg("serve").args(arguments).stdin(Stdio::null()).spawn()?)
}

/// Asks the server to end, and ends it when it does not.
fn stop(mut server: Child) {
    let asked = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    let mut left = if asked.is_ok_and(|status| status.success()) { GRACE } else { Duration::ZERO };
    while !left.is_zero() && matches!(server.try_wait(), Ok(None)) {
        let wait = LOOK_EVERY.min(left);
        pause(wait);
        left = left.saturating_sub(wait);
    }
    if matches!(server.try_wait(), Ok(None)) {
        // Both fail only for a process that has ended meanwhile.
        let _ = server.kill();
        let _ = server.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "nothing but time tells of a change in a file; no test waits here")]
fn pause(time: Duration) {
    thread::sleep(time);
}
