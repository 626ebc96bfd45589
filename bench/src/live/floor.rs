//! The bare server as a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::Context as _;

/// A running `bare-websocket`.
#[derive(Debug)]
pub(crate) struct Floor {
    /// `address:port`.
    pub(crate) host: String,
    process: Child,
}

impl Floor {
    /// Starts it with what it is to say.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(program: &Path, texts: &[String; 3]) -> anyhow::Result<Self> {
        let mut process = super::with_many_files(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", program.display()))?;
        let mut words = process.stdin.take().context("the floor has no input")?;
        for text in texts {
            writeln!(words, "{text}")?;
        }
        // It ends with its input.
        process.stdin = Some(words);
        let mut host = String::new();
        BufReader::new(process.stdout.take().context("the floor has no output")?).read_line(&mut host)?;
        Ok(Self { host: host.trim().to_owned(), process })
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
