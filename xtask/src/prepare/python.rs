//! The AWS command line and the SDK for Python, in a virtual environment of the project.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;

use super::system::{self, MissingPackages};
use crate::fingerprint;
use crate::paths::Paths;
use crate::process::{first_line, program, quiet};
use crate::step::step;

/// The packages, each with its exact version.
const REQUIREMENTS: &str = "workflow/seeds/requirements.txt";

/// Creates the environment in `.tools/` unless it exists with exactly these packages. Returns the folder of its programs.
///
/// # Errors
/// There is no such Python, or the packages cannot be installed; the message says what to run.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<PathBuf> {
    let python = find(paths)?;
    let version = first_line(program(paths, &python).arg("--version")).unwrap_or_default();
    let folder = paths.tools().join("python");
    let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let wanted = fingerprint::of(paths.root(), &[REQUIREMENTS], &version)?;
    let note = folder.join(".installed");
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(programs);
    }
    step("Making a Python environment in .tools/ with the AWS command line", || {
        let hint = "The AWS command line could not be installed. Look at the network, then try again";
        let mut make = program(paths, &python);
        quiet(paths, make.args(["-m", "venv", "--clear"]).arg(&folder), "venv").context(hint)?;
        let mut install = program(paths, programs.join("python"));
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS]);
        quiet(paths, &mut install, "pip").context(hint)
    })?;
    fs::write(note, wanted)?;
    Ok(programs)
}

/// A Python 3.10 or later that can create environments. On Debian as root a missing package is installed.
pub(super) fn find(paths: &Paths) -> anyhow::Result<PathBuf> {
    if let Some(python) = complete(paths) {
        return Ok(python);
    }
    let missing = MissingPackages {
        purpose: "The systems of the seeds",
        packages: &["python3-venv"],
        elsewhere: "elsewhere install Python 3.10 or later from python.org",
    };
    system::install(paths, missing)?;
    complete(paths)
        .context("apt-get installed python3-venv, but no Python 3.10 or later on the PATH can make an environment")
}

fn complete(paths: &Paths) -> Option<PathBuf> {
    let able = "import sys, venv, ensurepip; print(sys.version_info >= (3, 10))";
    ["python3", "python"]
        .iter()
        .filter_map(|name| paths.program(&[name]))
        .find(|python| first_line(program(paths, python).args(["-c", able])).as_deref() == Some("True"))
}
