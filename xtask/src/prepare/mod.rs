//! Checks the requirements of each command and installs what is missing.
//!
//! A check prints nothing if nothing is missing.

mod cargo_tool;
mod chromium;
mod components;
mod crates;
mod engines;
mod lockfile;
mod nightly;
mod npm;
mod proxies;
mod python;
mod system;
mod target;

use std::path::PathBuf;

use anyhow::bail;

use crate::paths::Paths;
pub(crate) use engines::Programs;
pub(crate) use system::MissingPackages;

/// The bundler. 0.22 needs a newer Rust than this project.
const TRUNK: &str = "0.21.14";
/// Builds and runs the fuzz targets.
const CARGO_FUZZ: &str = "0.13.2";

/// The tools that build the bundle for browsers.
///
/// # Errors
/// Something is missing and cannot be installed; the message says what to run.
pub(crate) fn bundle_tools(paths: &Paths) -> anyhow::Result<()> {
    crates::ensure(paths)?;
    target::ensure(paths)?;
    // The lock file in the trunk package works; the one of wasm-bindgen-cli names a version that is not available.
    cargo_tool::ensure(paths, &cargo_tool::Tool { package: "trunk", program: "trunk", version: TRUNK, locked: true })?;
    let version = lockfile::version(paths, "wasm-bindgen")?;
    let tool =
        cargo_tool::Tool { package: "wasm-bindgen-cli", program: "wasm-bindgen", version: &version, locked: false };
    cargo_tool::ensure(paths, &tool)
}

/// The tools of the lint step: rustfmt, clippy, and the WebAssembly target.
///
/// # Errors
/// Something is missing and cannot be added; the message says what to run.
pub(crate) fn lint_tools(paths: &Paths) -> anyhow::Result<()> {
    components::ensure(paths)?;
    target::ensure(paths)
}

/// The C compiler and the crates of the workspace.
///
/// # Errors
/// There is no C compiler, or a crate cannot be downloaded; the message says what to run.
pub(crate) fn workspace(paths: &Paths) -> anyhow::Result<()> {
    c_compiler(paths)?;
    crates::ensure(paths)
}

/// The C compiler that builds SQLite.
fn c_compiler(paths: &Paths) -> anyhow::Result<()> {
    let chosen = ["CC", "TARGET_CC", "HOST_CC"].iter().any(|name| std::env::var_os(name).is_some());
    if chosen || cfg!(windows) || paths.program(&["cc", "gcc", "clang"]).is_some() {
        return Ok(());
    }
    bail!("SQLite is built from C, and there is no C compiler. On Debian: `sudo apt-get install gcc libc6-dev`")
}

/// The tools of the fuzz targets: a C++ compiler for libFuzzer, the nightly Rust compiler, and `cargo fuzz`.
///
/// # Errors
/// Something is missing and cannot be installed; the message says what to run.
pub(crate) fn fuzzing(paths: &Paths) -> anyhow::Result<()> {
    workspace(paths)?;
    if std::env::var_os("CXX").is_none() && paths.program(&["c++", "g++", "clang++"]).is_none() {
        bail!("libFuzzer is built from C++, and there is no C++ compiler. On Debian: `sudo apt-get install g++`")
    }
    nightly::ensure(paths)?;
    let tool = cargo_tool::Tool { package: "cargo-fuzz", program: "cargo-fuzz", version: CARGO_FUZZ, locked: true };
    cargo_tool::ensure(paths, &tool)
}

/// The packages and the browser of the browser tests. Returns the browser.
///
/// # Errors
/// Something is missing and cannot be installed; the message says what to run.
pub(crate) fn browser_tests(paths: &Paths) -> anyhow::Result<PathBuf> {
    browser_packages(paths)?;
    chromium::ensure(paths)
}

/// The reverse proxies that a test of the server runs.
///
/// # Errors
/// Something is missing and cannot be installed; the message says what to run.
pub(crate) fn proxies(paths: &Paths) -> anyhow::Result<()> {
    proxies::ensure(paths)
}

/// Firefox and WebKitGTK for the browser tests, each with the variable in which the tests find it.
///
/// # Errors
/// Something is missing and cannot be installed; the message says what to run.
pub(crate) fn engines(paths: &Paths) -> anyhow::Result<Programs> {
    engines::ensure(paths)
}

/// The npm packages of the browser tests. They include the linter for GitHub Actions.
///
/// # Errors
/// There is no npm, or the packages cannot be downloaded; the message says what to run.
pub(crate) fn browser_packages(paths: &Paths) -> anyhow::Result<()> {
    npm::ensure(paths, &paths.end2end(), "the browser tests")
}

/// Lighthouse and its browser. Returns the browser.
///
/// # Errors
/// Something is missing and cannot be installed; the message says what to run.
pub(crate) fn lighthouse(paths: &Paths) -> anyhow::Result<PathBuf> {
    npm::ensure(paths, &paths.end2end().join("lighthouse"), "Lighthouse")?;
    chromium::ensure(paths)
}

/// The AWS command line and the SDK for Python. Returns the folder of their programs.
///
/// # Errors
/// Something is missing and cannot be installed; the message says what to run.
pub(crate) fn aws_tools(paths: &Paths) -> anyhow::Result<PathBuf> {
    python::ensure(paths)
}

/// A Python that can create virtual environments.
///
/// # Errors
/// There is none, and it cannot be installed; the message says what to run.
pub(crate) fn python(paths: &Paths) -> anyhow::Result<PathBuf> {
    python::find(paths)
}
