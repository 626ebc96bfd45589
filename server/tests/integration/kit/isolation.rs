//! Tests that need a process of their own, for example because a process has one log.

use std::{env, process::Command};

/// Names the test that runs alone in this process.
const ISOLATED_TEST: &str = "DOPPIO_ISOLATED_TEST";

/// Runs the calling test once more in a process of its own. Returns true in that process; elsewhere it waits for the end
/// of that process, panics when the test has failed there, and returns false.
///
/// `test` is the path of the calling test, such as `log::a_test`.
pub(crate) fn in_own_process(test: &str) -> bool {
    if env::var(ISOLATED_TEST).is_ok_and(|running| running == test) {
        return true;
    }
    let mut command = Command::new(env::current_exe().unwrap());
    let output = command.args(["--exact", test, "--nocapture"]).env(ISOLATED_TEST, test).output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    // A path that names no test is a success, too.
    assert!(output.status.success() && text.contains("1 passed"), "{test} in a process of its own:\n{text}");
    false
}
