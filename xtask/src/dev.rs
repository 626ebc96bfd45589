//! `cargo xtask dev`: builds and restarts the server when a file changes.

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

/// Interval of checking the files. A check of a few hundred files takes about a millisecond.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);

/// Time-out of the shutdown before the server is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// The sources of the server besides those of the bundle.
const SERVER: [&str; 3] = ["server", "engine", "workflow"];

/// Runs until ctrl-c. The terminal sends that signal to the server too.
///
/// While a change does not compile, the previous server keeps running.
///
/// # Errors
/// A tool is missing, or the files cannot be read.
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
            pause(CHECK_INTERVAL);
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

/// Sends SIGTERM, and kills the server after the time-out.
fn stop(mut server: Child) {
    let signalled = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    let mut left = if signalled.is_ok_and(|status| status.success()) { STOP_TIMEOUT } else { Duration::ZERO };
    while !left.is_zero() && matches!(server.try_wait(), Ok(None)) {
        let wait = CHECK_INTERVAL.min(left);
        pause(wait);
        left = left.saturating_sub(wait);
    }
    if matches!(server.try_wait(), Ok(None)) {
        // Both fail only if the process has ended meanwhile.
        let _ = server.kill();
        let _ = server.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "files are polled; no test waits here")]
fn pause(time: Duration) {
    thread::sleep(time);
}
