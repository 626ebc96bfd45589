//! `cargo xtask oracle`: the engine's tables against another implementation of DynamoDB.

use std::process::ExitCode;

use crate::paths::Paths;
use crate::prepare;
use crate::process::{cargo, exit_code, loud};

/// Plays generated sequences of calls to both and reports the first that differs: `[sequences] [seed] [survey]`.
///
/// # Errors
/// There is no C compiler, or cargo cannot be started.
pub(crate) fn oracle(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    // The driver builds the other side itself: it links a second SQLite and so lives in a workspace of its own.
    let mut driver = cargo(paths, &["run", "--package", "doppio-engine", "--example", "oracle_driver"]);
    // Half of the time of a long comparison is spent in these.
    for (package, level) in [("doppio-engine", 1), ("libsqlite3-sys", 2), ("rusqlite", 2), ("serde_json", 2)] {
        driver.args(["--config", &format!("profile.dev.package.{package}.opt-level={level}")]);
    }
    Ok(exit_code(loud(driver.arg("--").args(arguments))?))
}
