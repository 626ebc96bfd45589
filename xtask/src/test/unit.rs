//! The tests that cargo runs: unit tests, integration tests, documentation examples.

use std::fs;
use std::path::Path;

use crate::paths::Paths;
use crate::process::{cargo, read_along};
use crate::step::loud_step;

use super::tally::Tally;

pub(super) fn run(paths: &Paths, arguments: &[String]) -> anyhow::Result<Tally> {
    let mut tally = units(paths, arguments)?;
    // With arguments only the named tests run.
    if arguments.is_empty() {
        tally.add(documentation(paths)?);
    }
    Ok(tally)
}

/// Uses cargo's own runner and no other that may be installed, so that every machine runs the same tests
/// in the same way.
fn units(paths: &Paths, arguments: &[String]) -> anyhow::Result<Tally> {
    let runner = ["test", "--workspace", "--all-targets", "--locked", "--no-fail-fast"];
    counted("Unit and integration tests", cargo(paths, &runner).args(arguments))
}

/// Runs documentation tests only for crates that have any, because each crate takes some seconds.
fn documentation(paths: &Paths) -> anyhow::Result<Tally> {
    let crates =
        [("domain", "doppio-domain"), ("app", "doppio-app"), ("server", "doppio-server"), ("engine", "doppio-engine")];
    let mut test = cargo(paths, &["test", "--doc", "--locked", "--no-fail-fast"]);
    let mut any = false;
    for (folder, package) in crates {
        if has_example(&paths.root().join(folder).join("src")) {
            test.args(["--package", package]);
            any = true;
        }
    }
    if !any {
        return Ok(Tally::default());
    }
    counted("Examples in the documentation", &mut test)
}

fn counted(name: &str, command: &mut std::process::Command) -> anyhow::Result<Tally> {
    loud_step(name, || {
        let mut tally = Tally::default();
        let status = read_along(command, |line| tally.read(line))?;
        Ok(tally.ended(name, status))
    })
}

/// Whether a file below `folder` has a Rust code block in a documentation comment.
fn has_example(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return has_example(&path);
        }
        fs::read_to_string(&path).is_ok_and(|text| text.lines().any(opens_example))
    })
}

/// A code block without a language is Rust. Others are not tested.
fn opens_example(line: &str) -> bool {
    let line = line.trim();
    let Some(comment) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else { return false };
    matches!(comment.trim(), "```rust" | "```no_run" | "```should_panic" | "```compile_fail" | "```")
}

#[cfg(test)]
mod tests {
    use super::opens_example;

    #[test]
    fn a_block_of_rust_is_an_example_and_a_drawing_is_none() {
        assert!(opens_example("    /// ```"));
        assert!(opens_example("//! ```no_run"));
        assert!(!opens_example("/// ```text"));
        assert!(!opens_example("// ```"));
    }
}
