//! The servers under measurement, each a process of its own on the loopback address.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::http::{Connection, STATES};
use super::process;
use crate::clock::{nap, now};

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The engine, durable, alone in its process.
    Engine,
    /// The floor behind HTTP: as many bytes for each call that writes.
    Plain { bytes: u64 },
    /// MiniStack from PyPI, in memory.
    MiniStack,
    /// moto from PyPI, in memory.
    Moto,
}

impl Kind {
    /// As the table names it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Engine => "engine".to_owned(),
            Self::Plain { .. } => "the floor behind HTTP".to_owned(),
            Self::MiniStack => format!("MiniStack {}", super::MINISTACK),
            Self::Moto => format!("moto {}", super::MOTO),
        }
    }
}

/// Where the programs are.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    /// `engine-host`.
    pub(crate) host: PathBuf,
    /// The folder of the virtual environments of the others.
    pub(crate) environments: PathBuf,
    /// For data and logs.
    pub(crate) folder: PathBuf,
}

/// A server that runs. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: Kind,
    /// `address:port`.
    pub(crate) address: String,
    /// From the start of the process to the first call that succeeded.
    pub(crate) started_in: Duration,
    process: Child,
    /// How the engine is spoken to beside the wire.
    words: Option<(ChildStdin, Lines<BufReader<ChildStdout>>)>,
}

impl Server {
    /// Starts one; the engine on the data in `folder`.
    ///
    /// # Errors
    /// It cannot be started, ends at once, or answers nothing within a minute.
    pub(crate) async fn start(programs: &Programs, kind: Kind, folder: &Path) -> anyhow::Result<Self> {
        let began = now();
        let (mut process, port) = spawn(programs, kind, folder)?;
        let mut words = None;
        let address = match port {
            Some(port) => format!("127.0.0.1:{port}"),
            None => {
                let input = process.stdin.take().context("the host has no input")?;
                let mut lines = BufReader::new(process.stdout.take().context("the host has no output")?).lines();
                let first = lines.next().context("the host said nothing and ended")??;
                words = Some((input, lines));
                first
            }
        };
        let mut server = Self { kind, address, started_in: Duration::ZERO, process, words };
        let mut connection = Connection::new(&server.address);
        while !matches!(connection.post(STATES, "ListStateMachines", "{}").await, Ok((200, _))) {
            if let Some(status) = server.process.try_wait()? {
                bail!("{} ended at once ({status}); see its log in {}", kind.name(), programs.folder.display());
            }
            ensure!(began.elapsed() < Duration::from_secs(60), "{} answers nothing", kind.name());
            nap(Duration::from_millis(1)).await;
        }
        server.started_in = began.elapsed();
        Ok(server)
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Commits since the start of the engine; nothing for the others.
    ///
    /// # Errors
    /// The host does not answer.
    pub(crate) fn commits(&mut self) -> anyhow::Result<Option<u64>> {
        let Some((input, lines)) = &mut self.words else { return Ok(None) };
        writeln!(input, "statistics")?;
        let line = lines.next().context("the host has ended")??;
        let said: Value = serde_json::from_str(&line)?;
        Ok(said.get("commits").and_then(Value::as_u64))
    }

    /// Processor time so far in milliseconds.
    pub(crate) fn cpu_ms(&self) -> Option<f64> {
        process::cpu_ms(self.id())
    }

    /// Ends it: the engine by asking, so that its file is whole and alone; the others, which keep nothing, by force.
    ///
    /// # Errors
    /// The engine ends with an error.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        if let Some(words) = self.words.take() {
            drop(words);
            let status = self.process.wait()?;
            ensure!(status.success(), "the engine ended with {status}");
        }
        Ok(())
    }

    /// Ends it as a power cut would: no word, no last write.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(programs: &Programs, kind: Kind, folder: &Path) -> anyhow::Result<(Child, Option<u16>)> {
    let ours = match kind {
        Kind::Engine => Some(Command::new(&programs.host)),
        Kind::Plain { bytes } => {
            let mut command = Command::new(programs.host.with_file_name("plain-host"));
            command.arg(folder).arg(bytes.to_string());
            Some(command)
        }
        Kind::MiniStack | Kind::Moto => None,
    };
    if let Some(mut command) = ours {
        fs::create_dir_all(folder)?;
        if kind == Kind::Engine {
            command.arg(folder);
        }
        let process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", kind.name()))?;
        return Ok((process, None));
    }
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let environment = |name: &str, version: &str| programs.environments.join(format!("{name}-{version}")).join("bin");
    let (mut command, name) = match kind {
        Kind::MiniStack => {
            let mut command = Command::new(environment("ministack", super::MINISTACK).join("ministack"));
            command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string());
            (command, "ministack")
        }
        Kind::Moto | Kind::Engine | Kind::Plain { .. } => {
            let mut command = Command::new(environment("moto", super::MOTO).join("moto_server"));
            command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
            (command, "moto")
        }
    };
    fs::create_dir_all(&programs.folder)?;
    let log = fs::File::create(programs.folder.join(format!("{name}.log")))?;
    let process = command
        .current_dir(&programs.folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("{name} could not be started"))?;
    Ok((process, Some(port)))
}

/// moto runs workflows only when it is told to.
///
/// # Errors
/// It refuses.
pub(crate) async fn configure(server: &Server) -> anyhow::Result<()> {
    if server.kind != Kind::Moto {
        return Ok(());
    }
    let body = json!({ "stepfunctions": { "execute_state_machine": true } }).to_string();
    let (status, _) = Connection::new(&server.address).post_to("/moto-api/config", &body).await?;
    ensure!(status < 300, "moto could not be configured: {status}");
    Ok(())
}
