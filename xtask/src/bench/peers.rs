//! The AWS emulators that the engine is compared with, each in its own virtual environment.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::paths::Paths;
use crate::prepare;
use crate::process::{program, quiet};
use crate::step::step;

/// Name, version and requirement for pip. `bench/src/engine/server.rs` starts the same versions.
const PEERS: [(&str, &str, &str); 2] =
    [("ministack", "1.5.33", "ministack==1.5.33"), ("moto", "5.2.5", "moto[server,dynamodb,stepfunctions]==5.2.5")];

/// The folder of the environments. Each is named `<name>-<version>`.
pub(super) fn folder(paths: &Paths) -> PathBuf {
    paths.tools().join("stand-ins")
}

/// Installs those that are missing.
///
/// # Errors
/// There is no Python, or a package cannot be installed.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<()> {
    for (name, version, package) in PEERS {
        let environment = folder(paths).join(format!("{name}-{version}"));
        let installed = environment.join("installed");
        if installed.is_file() {
            continue;
        }
        let python = prepare::python(paths)?;
        step(format!("Installing {package} (once, about half a minute)"), || {
            let mut make = program(paths, &python);
            quiet(paths, make.args(["-m", "venv", "--clear"]).arg(&environment), name)?;
            let mut install = program(paths, environment.join("bin").join("python"));
            install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]);
            quiet(paths, &mut install, name)?;
            std::fs::write(&installed, package).context("the environment cannot be written")
        })?;
    }
    Ok(())
}
