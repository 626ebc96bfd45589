//! `cargo xtask oracle`: the engine's tables against another implementation of DynamoDB.

use std::process::ExitCode;

use crate::paths::Paths;
use crate::prepare;
use crate::process::{cargo, exit_code, loud};

/// Runs the tests of the workspace `engine/oracle/`, which links a second SQLite and so stands alone.
///
/// # Errors
/// There is no C compiler, or cargo cannot be started.
pub(crate) fn oracle(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    prepare::c_compiler(paths)?;
    let mut test = cargo(paths, &["test", "--manifest-path", "engine/oracle/Cargo.toml"]);
    // Its own target folder: the lock files differ, so nothing could be shared.
    test.env_remove("CARGO_TARGET_DIR").args(arguments);
    Ok(exit_code(loud(&mut test)?))
}
