//! `cargo xtask test`: runs all checks.
//!
//! A failing part does not stop the others. The last line has the totals: `412 passed, 0 failed`.

mod browser;
mod lint;
mod seeds;
mod tally;
mod unit;

use std::process::ExitCode;

use crate::args::Part;
use crate::ci::is_ci;
use crate::paths::Paths;
use crate::prepare::{self, MissingPackages};
use crate::step::Stopwatch;
use tally::Tally;

/// Measures the bytes that browsers load, checks them against the limits, and measures `peers`, one `name=folder` per line.
///
/// # Errors
/// A tool is missing, or something does not compile.
pub(crate) fn page_sizes(paths: &Paths, peers: &str) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    let tally = browser::page_sizes(paths, peers)?;
    Ok(if tally.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs all parts or one. `arguments` are passed to the runner of that part.
///
/// When all parts run, a part whose system packages are missing and cannot be installed is skipped, and the packages are
/// named. With `CI=true` a skip counts as a failure.
///
/// # Errors
/// A tool is missing. Failing tests are counted and only change the exit code.
pub(crate) fn test(paths: &Paths, part: Part, arguments: &[String]) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    let watch = Stopwatch::start();
    let mut tally = Tally::default();
    if matches!(part, Part::All | Part::Lint) {
        tally.add(lint::run(paths)?);
    }
    if matches!(part, Part::All | Part::Unit) {
        // Without the proxies only the tests behind them are skipped.
        tally.add(unless_missing("Tests behind nginx and Caddy", prepare::proxies(paths).map(|()| Tally::default()))?);
        tally.add(unit::run(paths, arguments)?);
    }
    if part == Part::Seeds {
        tally.add(seeds::run(paths, arguments)?);
    }
    if part == Part::Browser {
        tally.add(browser::run(paths, arguments)?);
    }
    if part == Part::All {
        tally.add(unless_missing(seeds::NAME, seeds::run(paths, &[]))?);
        tally.add(unless_missing(browser::NAME, browser::run(paths, &[]))?);
        tally.add(unless_missing(browser::ENGINES_NAME, browser::run_engines(paths))?);
    }
    if is_ci() {
        tally.fail_skipped();
    }
    for name in tally.skipped() {
        println!("skipped: {name}");
    }
    for name in tally.broken() {
        println!("failed: {name}");
    }
    println!("Total time: {}.", watch.read());
    println!("{} passed, {} failed", tally.passed(), tally.failed());
    Ok(if tally.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The result of a part, or a skip if system packages are missing.
fn unless_missing(name: &str, outcome: anyhow::Result<Tally>) -> anyhow::Result<Tally> {
    match outcome {
        Err(error) if error.is::<MissingPackages>() => {
            println!("SKIPPED: {name}. {error:#}\n");
            Ok(Tally::of_skipped(name))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_part_is_skipped_for_missing_packages_and_for_nothing_else() {
        let missing = MissingPackages { purpose: "The tests", packages: &["chromium"], elsewhere: "" };
        let mut tally = unless_missing("Browser tests", Err(missing.into())).unwrap();
        assert_eq!((tally.failed(), tally.skipped()), (0, ["Browser tests".to_owned()].as_slice()));
        tally.fail_skipped();
        assert_eq!((tally.failed(), tally.broken().len()), (1, 1));
        assert!(unless_missing("Browser tests", Err(anyhow!("no network"))).is_err());
    }
}
