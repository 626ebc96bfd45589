//! The WebAssembly target of the Rust compiler.

use anyhow::Context as _;

use crate::paths::Paths;
use crate::process::{first_line, program, quiet};
use crate::step::step;

const TARGET: &str = "wasm32-unknown-unknown";

/// Adds the target if the compiler has no standard library for it.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<()> {
    // Checks the compiler instead of rustup, so that other toolchains work too.
    let mut ask = program(paths, "rustc");
    ask.args(["--print", "target-libdir", "--target", TARGET]);
    if first_line(&mut ask).is_some_and(|folder| std::path::Path::new(&folder).is_dir()) {
        return Ok(());
    }
    step(format!("Adding the target {TARGET}"), || {
        quiet(paths, program(paths, "rustup").args(["target", "add", TARGET]), "rustup")
            .with_context(|| format!("Rust has no {TARGET} here. Run `rustup target add {TARGET}` and try again"))
    })
}
