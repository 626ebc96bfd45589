//! The cloud for a group of steps: an engine and a server for the functions, each in its own process, and a shell in which
//! the AWS CLI calls them.

use std::cell::Cell;
use std::env;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// The folder of the tools.
#[derive(Debug, Clone)]
pub(super) struct Tools {
    /// The program `manual_clock_cloud`.
    pub(super) engine: PathBuf,
    /// The folder of `aws` and `python`.
    pub(super) programs: PathBuf,
    /// `workflow/seeds`.
    pub(super) systems: PathBuf,
}

/// A process that is controlled by its standard input and output.
struct Talker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Talker {
    fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else { bail!("a process came without its pipes") };
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("a process of the cloud ended before it answered");
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        // Both fail only for a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The result of a command.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl Outcome {
    /// The standard output of a successful command as JSON.
    pub(super) fn json(&self) -> Result<Value, String> {
        if self.code != Some(0) {
            return Err(self.err.trim().to_owned());
        }
        serde_json::from_str(&self.out).map_err(|error| format!("no JSON ({error}): {}", self.out))
    }

    /// Checks that the command failed with this error of AWS.
    pub(super) fn refused(&self, error: &str) -> Result<String, String> {
        let said = self.err.trim();
        if self.code != Some(0) && said.contains(&format!("An error occurred ({error})")) {
            return Ok(said.to_owned());
        }
        Err(format!("exit {:?}: {said}{}", self.code, self.out.trim()))
    }

    /// Checks that the command succeeded without output.
    pub(super) fn silent(&self) -> Result<String, String> {
        if self.code == Some(0) && self.out.trim().is_empty() && self.err.trim().is_empty() {
            return Ok("exit 0, no output".to_owned());
        }
        Err(format!("exit {:?}: {}{}", self.code, self.err.trim(), self.out.trim()))
    }
}

/// One engine with its functions.
pub(super) struct Cloud {
    tools: Tools,
    folder: PathBuf,
    engine: Talker,
    endpoint: String,
    functions: Vec<Talker>,
    /// The values of the placeholders in commands.
    values: Vec<(String, String)>,
    calls: Cell<u32>,
}

impl Cloud {
    /// An empty cloud whose folder is named after the group.
    pub(super) fn start(tools: &Tools, group: &str) -> anyhow::Result<Self> {
        let folder = env::temp_dir().join(format!("doppio-seeds-{}-{group}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let (engine, endpoint) = start_engine(tools, &folder)?;
        let values = Vec::new();
        Ok(Self { tools: tools.clone(), folder, engine, endpoint, functions: Vec::new(), values, calls: Cell::new(0) })
    }

    /// Deploys the system in a folder of `workflow/seeds` with its functions.
    pub(super) fn deploy(&mut self, system: &str) -> anyhow::Result<()> {
        let address = self.serve_functions(system, &[])?;
        let outcome = self.run(&format!("python deploy.py {system} {address}"))?;
        if outcome.code != Some(0) {
            bail!("the system {system} could not be deployed: {}", outcome.err.trim());
        }
        Ok(())
    }

    /// Starts a server for the functions of a system, and returns its address.
    pub(super) fn serve_functions(&mut self, system: &str, also: &[(&str, &str)]) -> anyhow::Result<String> {
        let mut command = self.command("python");
        command.arg("functions.py").arg(Path::new(system).join("functions"));
        command.env("BUCKET", self.bucket()).envs(also.iter().copied());
        command.stderr(File::create(self.folder.join(format!("functions-{}.log", self.functions.len())))?);
        let mut server = Talker::start(&mut command).context("the functions could not be started")?;
        let address = server.line()?;
        self.functions.push(server);
        Ok(address)
    }

    /// The folder that replaces the S3 bucket.
    pub(super) fn bucket(&self) -> PathBuf {
        self.folder.join("bucket")
    }

    /// Advances the clock of the engine.
    pub(super) fn advance(&mut self, seconds: u64) -> anyhow::Result<()> {
        writeln!(self.engine.input, "advance {seconds}")?;
        match self.engine.line()?.as_str() {
            "advanced" => Ok(()),
            other => bail!("the clock was not advanced: {other}"),
        }
    }

    /// Kills the engine as `kill -9` does, and starts it on the same file.
    pub(super) fn kill_and_restart(&mut self) -> anyhow::Result<()> {
        self.engine.child.kill()?;
        self.engine.child.wait()?;
        let (engine, endpoint) = start_engine(&self.tools, &self.folder)?;
        (self.engine, self.endpoint) = (engine, endpoint);
        Ok(())
    }

    /// Replaces `placeholder` by `value` in all later commands.
    pub(super) fn set(&mut self, placeholder: &str, value: &str) {
        self.values.retain(|(known, _)| known != placeholder);
        self.values.push((placeholder.to_owned(), value.to_owned()));
    }

    /// Runs a line in a shell, with its placeholders replaced.
    pub(super) fn run(&self, line: &str) -> anyhow::Result<Outcome> {
        let filled = self.values.iter().fold(line.to_owned(), |line, (name, value)| line.replace(name, value));
        let output = self.command("sh").arg("-c").arg(filled).stdin(Stdio::null()).output()?;
        self.calls.set(self.calls.get() + 1);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Outcome { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) })
    }

    /// A program in `workflow/seeds`, with the environment variables that select this cloud.
    fn command(&self, name: &str) -> Command {
        let path = env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(self.tools.programs.clone()).chain(env::split_paths(&path));
        let name = if name == "sh" { PathBuf::from(name) } else { self.tools.programs.join(name) };
        let mut command = Command::new(name);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("AWS_")) {
                command.env_remove(name);
            }
        }
        let nowhere = self.folder.join("no-such-file");
        command.current_dir(&self.tools.systems).env("PATH", env::join_paths(path).unwrap_or_default());
        command.env("AWS_CONFIG_FILE", &nowhere).env("AWS_SHARED_CREDENTIALS_FILE", &nowhere);
        command.env("AWS_ENDPOINT_URL", &self.endpoint).env("AWS_DEFAULT_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", "seeds").env("AWS_SECRET_ACCESS_KEY", "seeds");
        command.env("AWS_PAGER", "").env("AWS_EC2_METADATA_DISABLED", "true").env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        // The folder belongs to this run only.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn start_engine(tools: &Tools, folder: &Path) -> anyhow::Result<(Talker, String)> {
    let mut command = Command::new(&tools.engine);
    command.arg(folder).stderr(File::create(folder.join("engine.log"))?);
    let mut engine = Talker::start(&mut command).context("the engine could not be started")?;
    let endpoint = engine.line()?;
    Ok((engine, endpoint))
}
