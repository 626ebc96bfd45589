//! `cargo xtask simulate`: tests the live connections under a simulated network with many seeds.

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

/// The default number of seeds.
const SEEDS: u64 = 10_000;
/// Seeds per process. They run one after the other on one thread.
const SEEDS_PER_PROCESS: u64 = 20;
/// Interval of the progress messages, in seeds.
const REPORT_INTERVAL: u64 = 200;
const TEST: &str = "simulation::invariants_hold_and_all_clients_recover";

/// Runs `[seeds [first]]` on all cores. Prints failing seeds and continues with the others.
///
/// # Errors
/// Something does not compile, or an argument is not a number.
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
    // Already built; this call only returns the path.
    let mut where_to = cargo(paths, &build);
    where_to.args(["--message-format", "json-render-diagnostics"]);
    let test =
        executable(&String::from_utf8(where_to.output()?.stdout)?).context("cargo does not report the test program")?;
    let parts = u64::try_from(thread::available_parallelism().map_or(1, usize::from))?;
    let progress = Mutex::new(Progress::new(seeds));
    loud_step(&format!("{seeds} seeds from {first}, {parts} at a time"), || {
        thread::scope(|scope| {
            let work = || {
                while let Some(from) = next(&progress) {
                    let count = SEEDS_PER_PROCESS.min(seeds - from);
                    let mut run = program(paths, &test);
                    run.args(["--exact", TEST, "--nocapture"]);
                    run.env("LIVE_SIMULATION_FIRST", (first + from).to_string());
                    run.env("LIVE_SIMULATION_SEEDS", count.to_string());
                    let status = read_quietly(&mut run, |line| locked(&progress).read(line))?;
                    locked(&progress).end(first + from, count, status.success())?;
                }
                anyhow::Ok(())
            };
            let running: Vec<_> = (0..parts).map(|_| scope.spawn(work)).collect();
            running.into_iter().try_for_each(|part| part.join().map_err(|_| anyhow!("a thread panicked"))?)
        })
    })?;
    let progress = locked(&progress);
    let seen: Vec<String> = progress.seen.iter().map(|(what, times)| format!("{times} {what}")).collect();
    println!("Clients that were {}.", seen.join(", "));
    match progress.failed {
        0 => println!("All {seeds} seeds passed."),
        failed => println!("{failed} of {seeds} seeds failed."),
    }
    Ok(if progress.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A function of its own, because the condition of a loop would hold the lock.
fn next(progress: &Mutex<Progress>) -> Option<u64> {
    locked(progress).take()
}

fn locked(progress: &Mutex<Progress>) -> std::sync::MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The progress of all seeds.
struct Progress {
    seeds: u64,
    begun: u64,
    done: u64,
    failed: u64,
    /// Events that the tests have counted, by name.
    seen: BTreeMap<String, u64>,
    watch: Stopwatch,
}

impl Progress {
    fn new(seeds: u64) -> Self {
        Self { seeds, begun: 0, done: 0, failed: 0, seen: BTreeMap::new(), watch: Stopwatch::start() }
    }

    /// The first seed of the next process.
    fn take(&mut self) -> Option<u64> {
        let from = self.begun;
        self.begun += SEEDS_PER_PROCESS;
        (from < self.seeds).then_some(from)
    }

    /// Reads a line of a test: a failed seed, or counts of events.
    fn read(&mut self, line: &str) {
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
            // It panicked before it printed a seed.
            self.failed += 1;
            println!("one of the seeds from {first} to {} made the test fail", first + count - 1);
        }
        let before = self.done;
        self.done += count;
        if before / REPORT_INTERVAL != self.done / REPORT_INTERVAL {
            println!("{} of {} seeds, {} failed, {}", self.done, self.seeds, self.failed, self.watch.read());
        }
        std::io::stdout().flush()?;
        Ok(())
    }
}

/// Parses `3 blocked, 2 resumed too late`.
fn counts(seen: &str) -> impl Iterator<Item = (u64, &str)> {
    seen.split(", ").filter_map(|count| {
        let (times, what) = count.split_once(' ')?;
        Some((times.parse().ok()?, what))
    })
}

/// The test program in the messages of a build.
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
    fn the_test_program_is_found_in_the_messages_of_cargo() {
        let told = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n{\"executable\":\"/t/serve/deps/server-1\"}\n{\"reason\":\"build-finished\"}";
        assert_eq!(executable(told).as_deref(), Some("/t/serve/deps/server-1"));
    }

    #[test]
    fn counts_of_the_tests_are_added() {
        assert_eq!(
            counts("3 blocked, 2 resumed too late").collect::<Vec<_>>(),
            [(3, "blocked"), (2, "resumed too late")]
        );
        let mut progress = Progress::new(40);
        ["seen: 3 blocked", "running 1 test", "seen: 4 blocked"].iter().for_each(|line| progress.read(line));
        assert_eq!((progress.seen.get("blocked"), progress.failed), (Some(&7), 0));
        assert_eq!([progress.take(), progress.take(), progress.take()], [Some(0), Some(20), None]);
        progress.end(21, 20, false).unwrap();
        assert_eq!(progress.failed, 1, "a test without output has failed too");
    }
}
