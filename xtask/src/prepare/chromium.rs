//! The browser of the browser tests.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, bail};

use crate::paths::Paths;
use crate::process::{first_line, program, quiet};
use crate::step::step;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const ON_A_MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// Finds the browser, or installs it where that needs no question: as root on Debian.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<PathBuf> {
    let browser = browser(paths)?;
    fonts(paths);
    Ok(browser)
}

/// Typefaces for pictures of Arabic and Japanese pages. Without them the tests hold, and the pictures show boxes.
fn fonts(paths: &Paths) {
    let Some(list) = paths.program(&["fc-list"]) else { return };
    let knows = |language: &str| first_line(program(paths, &list).arg(format!(":lang={language}"))).is_some();
    if knows("ar") && knows("ja") {
        return;
    }
    let advice = "There is no typeface for Arabic or Japanese here, so pictures of those pages show boxes. On Debian: \
                  `sudo apt-get install fonts-noto-core fonts-ipafont-gothic`";
    let installed = can_install(paths)
        && step("Installing typefaces for Arabic and Japanese", || {
            quiet(paths, program(paths, "apt-get").args(["update", "--quiet"]), "apt-update")?;
            install(paths, &["fonts-noto-core", "fonts-ipafont-gothic"])
        })
        .is_ok();
    if !installed {
        println!("{advice}");
    }
}

fn can_install(paths: &Paths) -> bool {
    Path::new("/etc/debian_version").exists() && super::is_root(paths)
}

fn install(paths: &Paths, packages: &[&str]) -> anyhow::Result<()> {
    let mut install = program(paths, "apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
    quiet(paths, install.env("DEBIAN_FRONTEND", "noninteractive"), "apt-install")
}

fn browser(paths: &Paths) -> anyhow::Result<PathBuf> {
    if let Some(chosen) = env::var_os("CHROMIUM").map(PathBuf::from) {
        if chosen.is_file() {
            return Ok(chosen);
        }
        bail!("CHROMIUM names {}, and there is no such file", chosen.display());
    }
    if let Some(found) = find(paths) {
        return Ok(found);
    }
    if !can_install(paths) {
        bail!(
            "The browser tests need Chromium. On Debian: `sudo apt-get install chromium`; \
             elsewhere install Chromium or Chrome and name its program in the variable CHROMIUM"
        );
    }
    step("Installing chromium", || {
        let hint = "Chromium could not be installed. Look at the network, then run `apt-get install chromium`";
        quiet(paths, program(paths, "apt-get").args(["update", "--quiet"]), "apt-update").context(hint)?;
        install(paths, &["chromium"]).context(hint)
    })?;
    find(paths).context("apt-get installed chromium, and still there is none on the PATH")
}

fn find(paths: &Paths) -> Option<PathBuf> {
    paths.program(&NAMES).or_else(|| fs::exists(ON_A_MAC).is_ok_and(|there| there).then(|| ON_A_MAC.into()))
}
