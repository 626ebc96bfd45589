//! The AWS command line and the SDK for Python, in a virtual environment of the project.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::fingerprint;
use crate::paths::Paths;
use crate::process::{first_line, program, quiet};
use crate::step::step;

/// What is installed, each at an exact version.
const REQUIREMENTS: &str = "workflow/seeds/requirements.txt";

/// Makes the environment in `.tools/` unless it is there with just these packages. Returns the folder of its programs.
///
/// # Errors
/// There is no Python that can make one, or the packages cannot be installed; the message says what to run.
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

/// A Python 3.10 or later that can make environments; on Debian as root the missing part is installed.
fn find(paths: &Paths) -> anyhow::Result<PathBuf> {
    let hint = "This needs Python 3.10 or later with its module venv. On Debian: \
                `sudo apt-get install python3-venv`; elsewhere install Python from python.org";
    if let Some(python) = complete(paths) {
        return Ok(python);
    }
    if !(Path::new("/etc/debian_version").exists() && super::is_root(paths)) {
        bail!("{hint}");
    }
    step("Installing python3-venv", || {
        quiet(paths, program(paths, "apt-get").args(["update", "--quiet"]), "apt-update").context(hint)?;
        let mut install = program(paths, "apt-get");
        install.args(["install", "--yes", "--quiet", "--no-install-recommends", "python3-venv"]);
        quiet(paths, install.env("DEBIAN_FRONTEND", "noninteractive"), "apt-install").context(hint)
    })?;
    complete(paths).context(hint)
}

fn complete(paths: &Paths) -> Option<PathBuf> {
    let able = "import sys, venv, ensurepip; print(sys.version_info >= (3, 10))";
    ["python3", "python"]
        .iter()
        .filter_map(|name| paths.program(&[name]))
        .find(|python| first_line(program(paths, python).args(["-c", able])).as_deref() == Some("True"))
}
