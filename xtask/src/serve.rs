//! `cargo xtask serve`: builds and runs the server.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::bundle::{self, Build};
use crate::paths::Paths;
use crate::prepare;
use crate::process::{become_program, cargo, program, quiet};
use crate::step::step;

/// Builds what has changed, then replaces this process by the server, so that signals reach it directly.
///
/// # Errors
/// Something is missing or does not compile.
pub(crate) fn serve(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    bundle::ensure(paths, Build::Release)?;
    let server = build(paths, "serve")?;
    let mut command = program(paths, server);
    command.arg("serve").args(arguments);
    become_program(command)
}

/// Builds the program `doppio` in a cargo profile and returns its path.
///
/// # Errors
/// It does not compile.
pub(crate) fn build(paths: &Paths, profile: &str) -> anyhow::Result<PathBuf> {
    // The folder of the profile `dev` is `debug`.
    let folder = if profile == "dev" { "debug" } else { profile };
    let binary = paths.target().join(folder).join("doppio").with_extension(std::env::consts::EXE_EXTENSION);
    let first = if binary.is_file() { "" } else { ", once some minutes" };
    step(format!("Building the server ({profile}{first})"), || {
        let arguments = ["build", "--profile", profile, "--package", "doppio-server", "--bin", "doppio"];
        quiet(paths, &mut cargo(paths, &arguments), "server").context("the server could not be built")
    })?;
    Ok(binary)
}
