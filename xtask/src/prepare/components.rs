//! The parts of the Rust toolchain that a minimal installation leaves out.

use anyhow::Context as _;

use crate::paths::Paths;
use crate::process::{first_line, program, quiet};
use crate::step::step;

/// Adds rustfmt and clippy if the toolchain has none.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<()> {
    // Checks the tools instead of rustup, so that other toolchains work too.
    let complete =
        ["cargo-fmt", "cargo-clippy"].iter().all(|tool| first_line(program(paths, tool).arg("--version")).is_some());
    if complete {
        return Ok(());
    }
    step("Adding rustfmt and clippy to the Rust toolchain", || {
        quiet(paths, program(paths, "rustup").args(["component", "add", "rustfmt", "clippy"]), "rustup")
            .context("rustfmt or clippy is missing. Run `rustup component add rustfmt clippy` and try again")
    })
}
