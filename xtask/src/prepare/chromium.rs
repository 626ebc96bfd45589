//! Chromium for the browser tests and Lighthouse, and the fonts of their screenshots.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context as _, bail};

use super::system::{self, MissingPackages};
use crate::ci::is_ci;
use crate::paths::Paths;
use crate::process::{first_line, program};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const ON_A_MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// Finds the browser, or installs it.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<PathBuf> {
    let browser = browser(paths)?;
    fonts(paths)?;
    Ok(browser)
}

/// Fonts for Arabic and Japanese pages. Without them tests pass but screenshots show boxes, so a user without root only gets a
/// message.
fn fonts(paths: &Paths) -> anyhow::Result<()> {
    let Some(list) = paths.program(&["fc-list"]) else { return Ok(()) };
    let covers = |language: &str| first_line(program(paths, &list).arg(format!(":lang={language}"))).is_some();
    if covers("ar") && covers("ja") {
        return Ok(());
    }
    let missing = MissingPackages {
        purpose: "Screenshots in Arabic and Japanese",
        packages: &["fonts-noto-core", "fonts-ipafont-gothic"],
        elsewhere: "",
    };
    match system::install(paths, missing) {
        Err(error) if error.is::<MissingPackages>() && !is_ci() => {
            println!("{error}");
            Ok(())
        }
        other => other,
    }
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
    system::install(
        paths,
        MissingPackages {
            purpose: "The browser tests and Lighthouse",
            packages: &["chromium"],
            elsewhere: "elsewhere install Chromium or Chrome and name its program in the variable CHROMIUM",
        },
    )?;
    find(paths).context("apt-get installed chromium, but no Chromium is on the PATH")
}

fn find(paths: &Paths) -> Option<PathBuf> {
    paths.program(&NAMES).or_else(|| fs::exists(ON_A_MAC).is_ok_and(|there| there).then(|| ON_A_MAC.into()))
}
