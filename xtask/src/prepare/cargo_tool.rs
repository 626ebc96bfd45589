//! Tools that cargo builds, in exactly the version that the project uses.

use anyhow::Context as _;

use crate::paths::Paths;
use crate::process::{cargo, first_line, program, quiet};
use crate::step::step;

/// A program of a package.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tool<'a> {
    pub(super) package: &'a str,
    pub(super) program: &'a str,
    pub(super) version: &'a str,
    /// Whether to build with the lock file of the package.
    pub(super) locked: bool,
}

/// Installs the tool into `.tools/` unless that version is on the search path already.
pub(super) fn ensure(paths: &Paths, tool: &Tool<'_>) -> anyhow::Result<()> {
    let Tool { package, version, .. } = *tool;
    let found = first_line(program(paths, tool.program).arg("--version"));
    if found.is_some_and(|line| line.split_whitespace().nth(1) == Some(version)) {
        return Ok(());
    }
    let root = paths.tools();
    let root = root.to_string_lossy();
    // In debug: these only orchestrate, and an optimised build takes twice as long.
    let mut arguments = vec!["install", package, "--version", version, "--debug", "--force", "--root", &*root];
    if tool.locked {
        arguments.push("--locked");
    }
    step(format!("Installing {package} {version} (once, some minutes)"), || {
        let mut install = cargo(paths, &arguments);
        install.env("CARGO_TARGET_DIR", paths.target().join("tools")).env_remove("RUSTFLAGS");
        // Debug information would double the build time.
        install.env("CARGO_PROFILE_DEV_DEBUG", "0");
        quiet(paths, &mut install, package).with_context(|| {
            format!(
                "{package} {version} could not be installed. Look at the network, then run \
                 `cargo install {package} --version {version} --root .tools`"
            )
        })
    })
}
