//! The crates of the workspace.

use std::process::Stdio;

use anyhow::Context as _;

use crate::paths::Paths;
use crate::process::{cargo, quiet};
use crate::step::step;

/// Downloads every crate of `Cargo.lock`, for all platforms, unless all are present.
///
/// Trunk builds with `--offline`, so that it never downloads a tool of its own, and reads the metadata of the whole
/// workspace: one missing crate, even of another platform, ends its build.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<()> {
    let mut look = cargo(paths, &["fetch", "--locked", "--offline", "--quiet"]);
    let complete = look.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if complete.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    step("Downloading the Rust crates", || {
        quiet(paths, &mut cargo(paths, &["fetch", "--locked"]), "cargo-fetch")
            .context("The crates could not be downloaded. Look at the network, then run `cargo fetch --locked`")
    })
}
