//! `cargo xtask test`: everything that must hold.
//!
//! One part that fails does not keep the next from running: whoever waited half an hour wants to know it all. The last
//! line sums the runners up: `412 passed, 0 failed`.

mod browser;
mod lint;
mod seeds;
mod tally;
mod unit;

use std::process::ExitCode;

use crate::args::Part;
use crate::paths::Paths;
use crate::prepare;
use crate::step::Stopwatch;
use tally::Tally;

/// Weighs what browsers load, against the limits, and what `peers` make them load: a `name=folder` a line.
///
/// # Errors
/// A tool is missing, or something does not compile.
pub(crate) fn weight(paths: &Paths, peers: &str) -> anyhow::Result<ExitCode> {
    prepare::c_compiler(paths)?;
    let tally = browser::weigh(paths, peers)?;
    Ok(if tally.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the whole or one part; `arguments` go to the runner of that part.
///
/// # Errors
/// A tool is missing. Tests that fail are no error: they are counted, and the exit code says so.
pub(crate) fn test(paths: &Paths, part: Part, arguments: &[String]) -> anyhow::Result<ExitCode> {
    prepare::c_compiler(paths)?;
    let watch = Stopwatch::start();
    let mut tally = Tally::default();
    if matches!(part, Part::All | Part::Lint) {
        tally.add(lint::run(paths)?);
    }
    if matches!(part, Part::All | Part::Unit) {
        tally.add(unit::run(paths, arguments)?);
    }
    if matches!(part, Part::All | Part::Seeds) {
        tally.add(seeds::run(paths, part, arguments)?);
    }
    if matches!(part, Part::All | Part::Browser) {
        tally.add(browser::run(paths, arguments)?);
    }
    for name in tally.broken() {
        println!("failed: {name}");
    }
    println!("All of it took {}.", watch.read());
    println!("{} passed, {} failed", tally.passed(), tally.failed());
    Ok(if tally.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
