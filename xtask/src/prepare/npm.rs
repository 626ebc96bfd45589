//! The packages of the browser tests and of Lighthouse.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::fingerprint;
use crate::paths::Paths;
use crate::process::{program, quiet};
use crate::step::step;

/// Installs the packages of the `package-lock.json` in a folder unless they are installed.
pub(super) fn ensure(paths: &Paths, folder: &Path, what: &str) -> anyhow::Result<()> {
    let wanted = fingerprint::of(folder, &["package.json", "package-lock.json"], "npm")?;
    // In the folder of the packages, so that it is deleted with them.
    let note = folder.join("node_modules").join(".installed");
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let npm = paths
        .program(if cfg!(windows) { &["npm.cmd"] } else { &["npm"] })
        .context("There is no npm, which comes with Node 20 or later. On Debian: `sudo apt-get install nodejs npm`")?;
    step(format!("Installing the packages of {what}"), || {
        let mut install = program(paths, npm);
        install.arg("ci").current_dir(folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        quiet(paths, &mut install, "npm").with_context(|| {
            format!(
                "The packages could not be installed. Look at the network, then run `npm ci` in {}",
                folder.display()
            )
        })
    })?;
    fs::write(note, wanted)?;
    Ok(())
}
