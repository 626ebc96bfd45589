//! `cargo xtask simulate`: the live connections under a simulated network, in as many seeds as somebody wants.

use std::process::{ExitCode, ExitStatus};
use std::thread;

use anyhow::{Context as _, anyhow, ensure};

use crate::paths::Paths;
use crate::prepare;
use crate::process::{cargo, exit_code, loud, program};
use crate::step::loud_step;

/// Unless another number is asked for.
const SEEDS: u64 = 10_000;
const TEST: &str = "simulation::no_screen_lies_and_all_are_right_in_the_end";

/// Runs `[seeds [first]]`, shared out among the processors.
///
/// # Errors
/// Something does not compile, or a number is none.
pub(crate) fn simulate(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let number = |at: usize, default| match arguments.get(at) {
        None => Ok(default),
        Some(text) => text.replace(['_', ','], "").parse::<u64>().with_context(|| format!("`{text}` is not a number")),
    };
    let (seeds, first) = (number(0, SEEDS)?, number(1, 1)?);
    ensure!(seeds > 0, "at least one seed");
    prepare::c_compiler(paths)?;
    let build = ["test", "--profile", "serve", "--package", "doppio-server", "--lib", "--no-run", "--locked"];
    let built = loud(&mut cargo(paths, &build))?;
    if !built.success() {
        return Ok(exit_code(built));
    }
    // Built already, so that this only says where.
    let mut where_to = cargo(paths, &build);
    where_to.args(["--message-format", "json-render-diagnostics"]);
    let test =
        executable(&String::from_utf8(where_to.output()?.stdout)?).context("cargo does not say where the test is")?;
    let parts = u64::try_from(thread::available_parallelism().map_or(1, usize::from))?.min(seeds);
    let outcomes = loud_step(&format!("{seeds} seeds from {first}, in {parts} processes"), || {
        thread::scope(|scope| {
            let running: Vec<_> = (0..parts)
                .map(|part| {
                    let (from, to) = (seeds * part / parts, seeds * (part + 1) / parts);
                    let mut run = program(paths, &test);
                    run.args(["--exact", TEST, "--nocapture"]);
                    run.env("LIVE_SIMULATION_FIRST", (first + from).to_string());
                    run.env("LIVE_SIMULATION_SEEDS", (to - from).to_string());
                    scope.spawn(move || loud(&mut run))
                })
                .collect();
            let ended = running.into_iter().map(|part| part.join().map_err(|_| anyhow!("a part broke down"))?);
            ended.collect::<anyhow::Result<Vec<ExitStatus>>>()
        })
    })?;
    let failed = outcomes.into_iter().find(|status| !status.success());
    Ok(failed.map_or(ExitCode::SUCCESS, exit_code))
}

/// The test program among what cargo tells of a build.
fn executable(told: &str) -> Option<String> {
    told.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once(r#""executable":""#)?;
        Some(rest.split_once('"')?.0.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::executable;

    #[test]
    fn the_program_is_found_in_what_cargo_tells() {
        let told = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n{\"executable\":\"/t/serve/deps/server-1\"}\n{\"reason\":\"build-finished\"}";
        assert_eq!(executable(told).as_deref(), Some("/t/serve/deps/server-1"));
    }
}
