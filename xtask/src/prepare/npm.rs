//! The packages of the browser tests.

use std::fs;

use anyhow::Context as _;

use crate::fingerprint;
use crate::paths::Paths;
use crate::process::{program, quiet};
use crate::step::step;

/// Installs what `package-lock.json` names, unless that is what is installed.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<()> {
    let folder = paths.end2end();
    let wanted = fingerprint::of(&folder, &["package.json", "package-lock.json"], "npm")?;
    // Inside the folder it speaks of: whoever deletes the packages deletes the note.
    let note = folder.join("node_modules").join(".installed");
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let npm = paths.program(if cfg!(windows) { &["npm.cmd"] } else { &["npm"] }).context(
        "The browser tests need Node 20 or later, and there is no npm. On Debian: `sudo apt-get install nodejs npm`",
    )?;
    step("Installing the packages of the browser tests", || {
        let mut install = program(paths, npm);
        install.arg("ci").current_dir(&folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        quiet(paths, &mut install, "npm")
            .context("The packages could not be installed. Look at the network, then run `npm ci` in end2end/")
    })?;
    fs::write(note, wanted)?;
    Ok(())
}
