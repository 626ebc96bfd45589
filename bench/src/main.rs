//! The benchmarks. `cargo xtask bench orders`, `… engine` and `… live` build the programs and run them.

mod clock;
mod engine;
mod live;
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
        Some("live") => live::run(arguments),
        Some("readers") => live::load::run(arguments),
        _ => bail!("run `cargo xtask bench orders`, `cargo xtask bench engine` or `cargo xtask bench live`"),
    }
}
