//! The browser tests, which run against the real server.

use anyhow::Context as _;

use crate::bundle::{self, Build};
use crate::paths::Paths;
use crate::prepare::{self, Programs};
use crate::process::{cargo, program, quiet, read_along};
use crate::step::{loud_step, step};

use super::tally::Tally;

/// The name of the part in the output.
pub(super) const NAME: &str = "Browser tests";

/// Tests with time limits run one at a time; tests of states run two at a time.
const ALL: [&[&str]; 2] = [
    &["--project=live", "--project=plain", "--project=screens", "--workers=1", "--output=test-results/promises"],
    &[
        "--project=english",
        "--project=arabic",
        "--project=narrow",
        "--project=large",
        "--workers=2",
        "--output=test-results/states",
    ],
];

/// The life of an order in Firefox and WebKit.
const ENGINES: &[&str] = &["--project=engines", "--workers=1", "--output=test-results/engines"];

/// The name of that part in the output.
pub(super) const ENGINES_NAME: &str = "Browser tests in Firefox and WebKit";

/// Runs all tests in Chromium, or those that `arguments` select, which may include other browsers.
pub(super) fn run(paths: &Paths, arguments: &[String]) -> anyhow::Result<Tally> {
    if arguments.is_empty() {
        return play(paths, &ALL, "", &Programs::new());
    }
    // Arguments may name these or a file.
    let others = arguments.iter().any(|argument| argument.contains("engines"));
    let programs = if others { prepare::engines(paths)? } else { Programs::new() };
    play(paths, &[&arguments.iter().map(String::as_str).collect::<Vec<_>>()], "", &programs)
}

/// Runs the tests in Firefox and WebKit.
pub(super) fn run_engines(paths: &Paths) -> anyhow::Result<Tally> {
    let programs = prepare::engines(paths)?;
    play(paths, &[ENGINES], "", &programs)
}

/// Measures the size of the pages, and of `peers`, one `name=folder` per line.
pub(super) fn page_sizes(paths: &Paths, peers: &str) -> anyhow::Result<Tally> {
    let parts: [&[&str]; 2] = [&["--project=live", "page-size.spec.ts"], &["--project=peers"]];
    play(paths, if peers.is_empty() { &parts[..1] } else { &parts }, peers, &Programs::new())
}

fn play(paths: &Paths, parts: &[&[&str]], peers: &str, programs: &Programs) -> anyhow::Result<Tally> {
    let browser = prepare::browser_tests(paths)?;
    // The release bundle, because that is what is served.
    bundle::ensure(paths, Build::Release)?;
    step("Building the server with a clock that the tests advance", || {
        // The same packages and profile as the unit tests, so that little is compiled twice.
        let build = ["build", "--locked", "--workspace", "--examples"];
        quiet(paths, &mut cargo(paths, &build), "test-server").context("the server could not be built")
    })?;
    let server = paths.target().join("debug/examples/test_server").with_extension(std::env::consts::EXE_EXTENSION);
    let playwright = paths.end2end().join("node_modules/@playwright/test/cli.js");
    let run = |arguments: &[&str]| {
        let mut tests = program(paths, "node");
        tests.arg(&playwright).arg("test").args(arguments).current_dir(paths.end2end());
        tests.env("CHROMIUM", &browser).env("TEST_SERVER", &server).env("PEERS", peers);
        tests.envs(programs.iter().map(|(variable, program)| (variable, program)));
        let mut tally = Tally::default();
        let status = read_along(&mut tests, |line| tally.read(line))?;
        anyhow::Ok(tally.ended(NAME, status))
    };
    loud_step(NAME, || {
        let mut tally = Tally::default();
        for part in parts {
            tally.add(run(part)?);
        }
        Ok(tally)
    })
}
