//! Packages of the operating system. They are installed only on Debian as root.

use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::Context as _;

use crate::paths::Paths;
use crate::process::{first_line, program, quiet};
use crate::step::step;

/// Missing packages of the system that cannot be installed, because this is not Debian or the user is not root.
///
/// A part of the tests that needs them is skipped; see `test::unless_missing`.
#[derive(Debug)]
pub(crate) struct MissingPackages {
    /// What needs them.
    pub(crate) purpose: &'static str,
    /// Their names in Debian.
    pub(crate) packages: &'static [&'static str],
    /// What to do on other systems.
    pub(crate) elsewhere: &'static str,
}

impl fmt::Display for MissingPackages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let packages = self.packages.join(" ");
        write!(f, "{} need: {packages}. On Debian: `sudo apt-get install {packages}`", self.purpose)?;
        if !self.elsewhere.is_empty() {
            write!(f, "; {}", self.elsewhere)?;
        }
        Ok(())
    }
}

impl std::error::Error for MissingPackages {}

/// Installs `needs` with apt-get.
///
/// # Errors
/// [`MissingPackages`] when this is not Debian or the user is not root; otherwise what apt-get said.
pub(super) fn install(paths: &Paths, needs: MissingPackages) -> anyhow::Result<()> {
    if !(Path::new("/etc/debian_version").exists() && is_root(paths)) {
        return Err(needs.into());
    }
    let hint = || format!("Look at the network, then run `apt-get install {}`", needs.packages.join(" "));
    update(paths).with_context(hint)?;
    step(format!("Installing {}", needs.packages.join(", ")), || {
        let mut install = program(paths, "apt-get");
        install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(needs.packages);
        quiet(paths, install.env("DEBIAN_FRONTEND", "noninteractive"), "apt-install")
    })
    .with_context(hint)
}

/// Downloads the package lists, once in this process.
fn update(paths: &Paths) -> anyhow::Result<()> {
    static UPDATED: OnceLock<()> = OnceLock::new();
    if UPDATED.get().is_none() {
        step("Downloading the package lists of the system", || {
            quiet(paths, program(paths, "apt-get").args(["update", "--quiet"]), "apt-update")
        })?;
        // Another thread can only have set the same value.
        let _ = UPDATED.set(());
    }
    Ok(())
}

fn is_root(paths: &Paths) -> bool {
    first_line(program(paths, "id").arg("-u")).as_deref() == Some("0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_packages_are_named_with_the_command_that_installs_them() {
        let missing = MissingPackages {
            purpose: "The browser tests",
            packages: &["chromium"],
            elsewhere: "elsewhere install Chrome",
        };
        assert_eq!(
            missing.to_string(),
            "The browser tests need: chromium. On Debian: `sudo apt-get install chromium`; elsewhere install Chrome"
        );
    }
}
