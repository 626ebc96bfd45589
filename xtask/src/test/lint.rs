//! The form of the code: rustfmt, and clippy with every warning an error.

use crate::paths::Paths;
use crate::prepare;
use crate::process::{cargo, loud};
use crate::step::loud_step;

use super::tally::Tally;

/// Clippy runs once for each set of features that is ever built: never both sides of the pages at once.
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
    prepare::wasm_target(paths)?;
    let mut tally = Tally::default();
    for (name, arguments) in CHECKS {
        let status = loud_step(name, || loud(&mut cargo(paths, arguments)))?;
        tally.add(Tally::default().ended(name, status));
    }
    Ok(tally)
}
