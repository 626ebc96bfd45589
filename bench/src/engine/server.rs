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
use crate::clock::{now, sleep};

/// The version of MiniStack that `cargo xtask bench engine` installs.
const MINISTACK: &str = "1.5.33";
/// The version of moto that `cargo xtask bench engine` installs.
const MOTO: &str = "5.2.5";

/// The kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The engine, durable, alone in its process.
    Engine,
    /// The baseline behind HTTP. It writes this many bytes for each call that writes.
    Plain { bytes: u64 },
    /// MiniStack from PyPI, in memory.
    MiniStack,
    /// moto from PyPI, in memory.
    Moto,
}

impl Kind {
    /// The name in the table.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Engine => "engine".to_owned(),
            Self::Plain { .. } => "the baseline behind HTTP".to_owned(),
            Self::MiniStack => format!("MiniStack {}", MINISTACK),
            Self::Moto => format!("moto {}", MOTO),
        }
    }
}

/// Where the programs are.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    /// `engine-host`.
    pub(crate) host: PathBuf,
    /// The folder with the Python environments of the emulators.
    pub(crate) environments: PathBuf,
    /// For data and logs.
    pub(crate) folder: PathBuf,
}

/// A running server. Dropping it kills the process.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: Kind,
    /// `address:port`.
    pub(crate) address: String,
    /// From the start of the process to the first successful call.
    pub(crate) started_in: Duration,
    process: Child,
    /// Standard input and output of the engine: statistics and shutdown.
    console: Option<(ChildStdin, Lines<BufReader<ChildStdout>>)>,
}

impl Server {
    /// Starts one; the engine on the data in `folder`.
    ///
    /// # Errors
    /// It cannot be started, ends at once, or does not answer within a minute.
    pub(crate) async fn start(programs: &Programs, kind: Kind, folder: &Path) -> anyhow::Result<Self> {
        let began = now();
        let (mut process, port) = spawn(programs, kind, folder)?;
        let mut console = None;
        let address = match port {
            Some(port) => format!("127.0.0.1:{port}"),
            None => {
                let input = process.stdin.take().context("the host has no input")?;
                let mut lines = BufReader::new(process.stdout.take().context("the host has no output")?).lines();
                let first = lines.next().context("the host ended without output")??;
                console = Some((input, lines));
                first
            }
        };
        let mut server = Self { kind, address, started_in: Duration::ZERO, process, console };
        let mut connection = Connection::new(&server.address);
        while !matches!(connection.post(STATES, "ListStateMachines", "{}").await, Ok((200, _))) {
            if let Some(status) = server.process.try_wait()? {
                bail!("{} ended at once ({status}); see its log in {}", kind.name(), programs.folder.display());
            }
            ensure!(began.elapsed() < Duration::from_secs(60), "{} does not answer", kind.name());
            sleep(Duration::from_millis(1)).await;
        }
        server.started_in = began.elapsed();
        Ok(server)
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Commits since the start of the engine; `None` for other servers.
    ///
    /// # Errors
    /// The host does not answer.
    pub(crate) fn commits(&mut self) -> anyhow::Result<Option<u64>> {
        let Some((input, lines)) = &mut self.console else { return Ok(None) };
        writeln!(input, "statistics")?;
        let line = lines.next().context("the host has ended")??;
        let statistics: Value = serde_json::from_str(&line)?;
        Ok(statistics.get("commits").and_then(Value::as_u64))
    }

    /// CPU time so far, in milliseconds.
    pub(crate) fn cpu_ms(&self) -> Option<f64> {
        process::cpu_ms(self.id())
    }

    /// Ends it. The engine shuts down cleanly and leaves one file. The emulators keep no data and are killed.
    ///
    /// # Errors
    /// The engine ends with an error.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        if let Some(console) = self.console.take() {
            drop(console);
            let status = self.process.wait()?;
            ensure!(status.success(), "the engine ended with {status}");
        }
        Ok(())
    }

    /// Kills it with SIGKILL.
    ///
    /// # Errors
    /// The system refuses the signal.
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
    let own = match kind {
        Kind::Engine => Some(Command::new(&programs.host)),
        Kind::Plain { bytes } => {
            let mut command = Command::new(programs.host.with_file_name("plain-host"));
            command.arg(folder).arg(bytes.to_string());
            Some(command)
        }
        Kind::MiniStack | Kind::Moto => None,
    };
    if let Some(mut command) = own {
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
            let mut command = Command::new(environment("ministack", MINISTACK).join("ministack"));
            command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string());
            (command, "ministack")
        }
        Kind::Moto | Kind::Engine | Kind::Plain { .. } => {
            let mut command = Command::new(environment("moto", MOTO).join("moto_server"));
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

/// Makes moto run workflows, which it does not by default.
///
/// # Errors
/// moto refuses the setting.
pub(crate) async fn configure(server: &Server) -> anyhow::Result<()> {
    if server.kind != Kind::Moto {
        return Ok(());
    }
    let body = json!({ "stepfunctions": { "execute_state_machine": true } }).to_string();
    let (status, _) = Connection::new(&server.address).post_to("/moto-api/config", &body).await?;
    ensure!(status < 300, "moto could not be configured: {status}");
    Ok(())
}
