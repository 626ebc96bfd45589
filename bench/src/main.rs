//! The benchmarks. `cargo xtask bench orders` and `cargo xtask bench engine` build what they measure and start them.

mod clock;
mod engine;
mod orders;

use std::path::PathBuf;

use anyhow::{Context as _, bail};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args();
    arguments.next();
    match arguments.next().as_deref() {
        Some("orders") => orders::run(&PathBuf::from(arguments.next().context("name the server to measure")?)),
        Some("engine") => engine::run(arguments),
        Some("load") => engine::load::run(arguments),
        _ => bail!("run `cargo xtask bench orders` or `cargo xtask bench engine`"),
    }
}
