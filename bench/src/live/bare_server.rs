//! The bare websocket server, which is the baseline of the live benchmark, in a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::Context as _;

use super::open_files::with_open_file_limit;

/// A running `bare-websocket`.
#[derive(Debug)]
pub(crate) struct BareServer {
    /// `address:port`.
    pub(crate) host: String,
    process: Child,
}

impl BareServer {
    /// Starts it with the messages that it repeats.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(program: &Path, texts: &[String; 3]) -> anyhow::Result<Self> {
        let mut process = with_open_file_limit(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", program.display()))?;
        let mut input = process.stdin.take().context("the bare server has no input")?;
        for text in texts {
            writeln!(input, "{text}")?;
        }
        // The bare server ends when its input ends.
        process.stdin = Some(input);
        let mut host = String::new();
        BufReader::new(process.stdout.take().context("the bare server has no output")?).read_line(&mut host)?;
        Ok(Self { host: host.trim().to_owned(), process })
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for BareServer {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
