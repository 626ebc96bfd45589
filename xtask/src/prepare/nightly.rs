//! The nightly compiler, which can instrument programs for fuzzing.

use anyhow::Context as _;

use crate::paths::Paths;
use crate::process::{first_line, program, quiet};
use crate::step::step;

/// Adds the nightly toolchain if there is none. An existing one is not changed.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<()> {
    if first_line(program(paths, "rustup").args(["run", "nightly", "rustc", "--version"])).is_some() {
        return Ok(());
    }
    step("Adding the nightly compiler (once, some minutes)", || {
        quiet(
            paths,
            program(paths, "rustup").args(["toolchain", "install", "nightly", "--profile", "minimal"]),
            "rustup",
        )
        .context("There is no nightly compiler. Run `rustup toolchain install nightly` and try again")
    })
}
