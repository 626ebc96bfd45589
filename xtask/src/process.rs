//! Runs other programs: with output to a log, with output to the terminal, or in place of this one.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, bail};

use crate::paths::Paths;

/// Lines of the log that are printed when a program fails.
const SHOWN: usize = 40;

/// A program that runs in the root folder of the project and finds the project's tools first.
pub(crate) fn program(paths: &Paths, name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(paths.root()).env("PATH", paths.search_path());
    command
}

/// Cargo, the one that runs this command.
pub(crate) fn cargo(paths: &Paths, arguments: &[&str]) -> Command {
    let mut command = program(paths, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    // These variables describe the package xtask, not the packages that this cargo builds.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a program with its output in `<log>.log`.
///
/// # Errors
/// The program is missing or fails; the message contains the end of its output.
pub(crate) fn quiet(paths: &Paths, command: &mut Command, log: &str) -> anyhow::Result<()> {
    let file = paths.logs().join(format!("{log}.log"));
    fs::create_dir_all(paths.logs())?;
    let out = File::create(&file)?;
    let status = command
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .status()
        .with_context(|| format!("{} could not be started", name(command)))?;
    if status.success() {
        return Ok(());
    }
    let output = fs::read_to_string(&file).unwrap_or_default();
    let lines: Vec<&str> = output.lines().collect();
    let last = lines.iter().skip(lines.len().saturating_sub(SHOWN)).copied().collect::<Vec<_>>().join("\n");
    bail!("{} failed ({status}). The end of its output (all of it is in {}):\n{last}", name(command), file.display());
}

/// Runs a program with its output on the terminal.
///
/// # Errors
/// The program is missing.
pub(crate) fn loud(command: &mut Command) -> anyhow::Result<ExitStatus> {
    command.status().with_context(|| format!("{} could not be started", name(command)))
}

/// Runs a program, prints its output, and passes each line to `read`.
///
/// Standard output and standard error are merged, because test runners print their counts to either.
///
/// # Errors
/// The program is missing.
pub(crate) fn read_along(command: &mut Command, mut read: impl FnMut(&str)) -> anyhow::Result<ExitStatus> {
    read_each(command, |line| {
        print!("{line}");
        read(line.trim_end());
    })
}

/// The same without printing.
///
/// # Errors
/// The program is missing.
pub(crate) fn read_quietly(command: &mut Command, mut read: impl FnMut(&str)) -> anyhow::Result<ExitStatus> {
    read_each(command, |line| read(line.trim_end()))
}

fn read_each(command: &mut Command, mut read: impl FnMut(&str)) -> anyhow::Result<ExitStatus> {
    let (reader, writer) = std::io::pipe()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("{} could not be started", name(command)))?;
    // The command keeps its end of the pipe open until it is given something else; reading would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        read(&text);
        line.clear();
    }
    Ok(child.wait()?)
}

/// The first line of the output of a program, if it can be run.
pub(crate) fn first_line(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}

/// Replaces this process by the program, so that signals reach it directly.
///
/// # Errors
/// The program is missing.
#[cfg(unix)]
pub(crate) fn become_program(mut command: Command) -> anyhow::Result<std::process::ExitCode> {
    use std::os::unix::process::CommandExt as _;
    let error = command.exec();
    Err(error).with_context(|| format!("{} could not be started", name(&command)))
}

/// Runs the program. Ctrl-c reaches both processes.
///
/// # Errors
/// The program is missing.
#[cfg(not(unix))]
pub(crate) fn become_program(mut command: Command) -> anyhow::Result<std::process::ExitCode> {
    let status = loud(&mut command)?;
    Ok(exit_code(status))
}

/// The exit code of this command after a program ended with `status`.
pub(crate) fn exit_code(status: ExitStatus) -> std::process::ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    std::process::ExitCode::from(code)
}

fn name(command: &Command) -> String {
    Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn reading_along_sees_both_streams_and_the_end() {
        let mut lines = Vec::new();
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let status = read_along(&mut command, |line| lines.push(line.to_owned())).unwrap();
        assert_eq!((lines, status.code()), (vec!["one".to_owned(), "two".to_owned()], Some(3)));
    }

    #[test]
    fn a_quiet_program_that_fails_is_quoted() {
        let folder = std::env::temp_dir().join(format!("xtask-quiet-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "echo the disk is full; exit 1"]);
        let message = quiet(&Paths::at(&folder), &mut command, "disk").unwrap_err().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert!(message.contains("the disk is full") && message.contains("disk.log"), "{message}");
    }
}
