//! The limit of open files of the programs under measurement.

use std::path::Path;
use std::process::Command;

/// Starts a program with the hard limit of open files. The soft limit is often 1,024.
pub(super) fn with_open_file_limit(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -n "$(ulimit -H -n)"; exec "$0" "$@""#]).arg(program);
    command
}
