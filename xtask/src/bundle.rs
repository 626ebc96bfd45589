//! The bundle for browsers: WebAssembly, its loader, styles, pictures.

use std::fmt;
use std::fs;

use anyhow::Context as _;

use crate::compress;
use crate::fingerprint;
use crate::paths::Paths;
use crate::prepare;
use crate::process::{first_line, program, quiet};
use crate::step::step;

/// The sources of the bundle.
pub(crate) const INPUTS: [&str; 9] =
    ["app", "domain", "style", "public", "index.html", "Trunk.toml", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"];

/// The optimisation of the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// Small; what is served.
    Release,
    /// Built faster and many times as large.
    Debug,
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Release => "release",
            Self::Debug => "debug",
        })
    }
}

/// Builds the bundle into `dist/` unless it is up to date.
///
/// # Errors
/// A tool is missing, or the pages do not compile.
pub(crate) fn ensure(paths: &Paths, build: Build) -> anyhow::Result<()> {
    let dist = paths.dist();
    let compiler = first_line(program(paths, "rustc").arg("--version"))
        .context("There is no Rust compiler. Install it with rustup (https://rustup.rs), version 1.95 or later")?;
    let inputs = fingerprint::of(paths.root(), &INPUTS, &format!("{build} {compiler}"))?;
    // Trunk replaces the whole folder, so the file never describes another bundle.
    let inputs_file = dist.join(".inputs");
    let exists = dist.join("index.html").is_file();
    if exists && fs::read_to_string(&inputs_file).is_ok_and(|built_from| built_from == inputs) {
        return Ok(());
    }
    prepare::bundle_tools(paths)?;
    step(format!("Building the pages for the browser ({build})"), || {
        let mut trunk = program(paths, "trunk");
        trunk.args(["build", "--offline"]);
        // Trunk reads NO_COLOR as true or false; the convention is any value.
        trunk.env_remove("NO_COLOR");
        if build == Build::Release {
            trunk.arg("--release");
        }
        quiet(paths, &mut trunk, "trunk-build").context("the pages could not be built")
    })?;
    if build == Build::Release {
        compress::compress(paths, &dist)?;
    }
    fs::write(inputs_file, inputs)?;
    Ok(())
}
