//! `cargo xtask oracle`: compares the engine's tables with another implementation of DynamoDB.

use std::process::ExitCode;

use crate::paths::Paths;
use crate::prepare;
use crate::process::{cargo, exit_code, loud};

/// Sends generated sequences of calls to both and reports the first difference: `[sequences] [seed] [survey]`.
///
/// # Errors
/// There is no C compiler, or cargo cannot be started.
pub(crate) fn oracle(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    // The driver builds the other implementation itself, which links a second SQLite and is in its own workspace.
    let mut driver = cargo(paths, &["run", "--package", "doppio-engine", "--example", "oracle_driver"]);
    // A long comparison spends half of its time in these.
    for (package, level) in [("doppio-engine", 1), ("libsqlite3-sys", 2), ("rusqlite", 2), ("serde_json", 2)] {
        driver.args(["--config", &format!("profile.dev.package.{package}.opt-level={level}")]);
    }
    Ok(exit_code(loud(driver.arg("--").args(arguments))?))
}
