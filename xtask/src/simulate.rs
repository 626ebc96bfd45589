//! `cargo xtask simulate`: the live connections under a simulated network, in as many seeds as somebody wants.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, anyhow, ensure};

use crate::paths::Paths;
use crate::prepare;
use crate::process::{cargo, exit_code, loud, program, read_quietly};
use crate::step::{Stopwatch, loud_step};

/// Unless another number is asked for.
const SEEDS: u64 = 10_000;
/// So many seeds one process runs, one after the other on one thread.
const TOGETHER: u64 = 20;
/// How often it says how far it is, in seeds.
const SAID: u64 = 200;
const TEST: &str = "simulation::no_screen_lies_and_all_are_right_in_the_end";

/// Runs `[seeds [first]]`, shared out among the processors. A seed that fails is named, and the others go on.
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
    prepare::workspace(paths)?;
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
    let parts = u64::try_from(thread::available_parallelism().map_or(1, usize::from))?;
    let progress = Mutex::new(Progress::new(seeds));
    loud_step(&format!("{seeds} seeds from {first}, {parts} at a time"), || {
        thread::scope(|scope| {
            let work = || {
                while let Some(from) = next(&progress) {
                    let count = TOGETHER.min(seeds - from);
                    let mut run = program(paths, &test);
                    run.args(["--exact", TEST, "--nocapture"]);
                    run.env("LIVE_SIMULATION_FIRST", (first + from).to_string());
                    run.env("LIVE_SIMULATION_SEEDS", count.to_string());
                    let status = read_quietly(&mut run, |line| said(&progress).hear(line))?;
                    said(&progress).end(first + from, count, status.success())?;
                }
                anyhow::Ok(())
            };
            let running: Vec<_> = (0..parts).map(|_| scope.spawn(work)).collect();
            running.into_iter().try_for_each(|part| part.join().map_err(|_| anyhow!("a part broke down"))?)
        })
    })?;
    let progress = said(&progress);
    let seen: Vec<String> = progress.seen.iter().map(|(what, times)| format!("{times} {what}")).collect();
    println!("Readers that were {}.", seen.join(", "));
    match progress.failed {
        0 => println!("All {seeds} seeds passed."),
        failed => println!("{failed} of {seeds} seeds failed."),
    }
    Ok(if progress.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Not in the condition of a loop, which would hold on to the lock.
fn next(progress: &Mutex<Progress>) -> Option<u64> {
    said(progress).take()
}

fn said(progress: &Mutex<Progress>) -> std::sync::MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// How far it is.
struct Progress {
    seeds: u64,
    begun: u64,
    done: u64,
    failed: u64,
    /// Of the seeds that run now, by what the test says.
    seen: BTreeMap<String, u64>,
    watch: Stopwatch,
}

impl Progress {
    fn new(seeds: u64) -> Self {
        Self { seeds, begun: 0, done: 0, failed: 0, seen: BTreeMap::new(), watch: Stopwatch::start() }
    }

    /// Where the next process begins.
    fn take(&mut self) -> Option<u64> {
        let from = self.begun;
        self.begun += TOGETHER;
        (from < self.seeds).then_some(from)
    }

    /// A line of a test: a seed that failed, or how often what must be tried has happened.
    fn hear(&mut self, line: &str) {
        if line.starts_with("seed ") {
            self.failed += 1;
            println!("{line}");
        }
        for (times, what) in line.strip_prefix("seen: ").into_iter().flat_map(counts) {
            *self.seen.entry(what.to_owned()).or_default() += times;
        }
    }

    fn end(&mut self, first: u64, count: u64, passed: bool) -> anyhow::Result<()> {
        if !passed && self.failed == 0 {
            // It broke down before it could say which.
            self.failed += 1;
            println!("one of the seeds from {first} to {} broke the test", first + count - 1);
        }
        let before = self.done;
        self.done += count;
        if before / SAID != self.done / SAID {
            println!("{} of {} seeds, {} failed, {}", self.done, self.seeds, self.failed, self.watch.read());
        }
        std::io::stdout().flush()?;
        Ok(())
    }
}

/// `3 stuck, 2 back too late` as numbers and words.
fn counts(seen: &str) -> impl Iterator<Item = (u64, &str)> {
    seen.split(", ").filter_map(|count| {
        let (times, what) = count.split_once(' ')?;
        Some((times.parse().ok()?, what))
    })
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
    use super::{Progress, counts, executable};

    #[test]
    fn the_program_is_found_in_what_cargo_tells() {
        let told = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n{\"executable\":\"/t/serve/deps/server-1\"}\n{\"reason\":\"build-finished\"}";
        assert_eq!(executable(told).as_deref(), Some("/t/serve/deps/server-1"));
    }

    #[test]
    fn what_the_tests_say_is_added_up() {
        assert_eq!(counts("3 stuck, 2 back too late").collect::<Vec<_>>(), [(3, "stuck"), (2, "back too late")]);
        let mut progress = Progress::new(40);
        ["seen: 3 stuck", "running 1 test", "seen: 4 stuck"].iter().for_each(|line| progress.hear(line));
        assert_eq!((progress.seen.get("stuck"), progress.failed), (Some(&7), 0));
        assert_eq!([progress.take(), progress.take(), progress.take()], [Some(0), Some(20), None]);
        progress.end(21, 20, false).unwrap();
        assert_eq!(progress.failed, 1, "whoever says nothing has failed too");
    }
}
