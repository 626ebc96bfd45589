//! `cargo xtask seeds`: runs the systems of the seeds step by step with the unmodified AWS CLI.

mod cloud;
mod completion;
mod defects;
mod event_driven;
mod monitor;
mod orders;
mod read;
mod report;
mod started;
mod waiting;

use std::process::ExitCode;
use std::thread;

use anyhow::{Context as _, bail};

use crate::paths::Paths;
use crate::prepare;
use crate::process::{cargo, quiet};
use crate::step::{Stopwatch, step};
use cloud::Tools;
use report::Report;

type Group = fn(&Tools, &mut Report) -> anyhow::Result<()>;

const GROUPS: [(&str, &str, Group); 6] = [
    ("A", "seed 001: an order waits twice for a callback", waiting::run),
    ("B", "seed 000: the first token is kept", started::run),
    ("C", "seed 003: the second token is kept; an order from end to end", completion::run),
    ("D", "seed 002: every step is an event", event_driven::run),
    ("E", "seed 004: an event from outside ends a workflow", monitor::run),
    ("F", "what upstream gets wrong", defects::run),
];

/// Counts of passed and failed steps.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// Runs all groups, or those with the given letters.
///
/// # Errors
/// A tool is missing, or a program of this project does not compile.
pub(crate) fn seeds(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let Counts { failed, .. } = run(paths, arguments)?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the groups and returns the counts.
///
/// # Errors
/// As for [`seeds`].
pub(crate) fn run(paths: &Paths, arguments: &[String]) -> anyhow::Result<Counts> {
    if cfg!(windows) {
        bail!("The seeds' commands are written for a POSIX shell. Run this in WSL");
    }
    let chosen = chosen(arguments)?;
    prepare::workspace(paths)?;
    let programs = prepare::aws_tools(paths)?;
    let engine = paths.target().join("debug/examples/manual_clock_cloud");
    step("Building the engine of the seeds", || {
        let mut build = cargo(paths, &["build", "--workspace", "--locked", "--example", "manual_clock_cloud"]);
        quiet(paths, &mut build, "manual-clock-cloud").context("the engine could not be built")
    })?;
    let tools = Tools { engine, programs, systems: paths.root().join("workflow/seeds") };
    let watch = Stopwatch::start();
    let mut total = Report::default();
    let running: Vec<_> =
        chosen.iter().map(|(letter, _, group)| start(letter, &tools, *group)).collect::<Result<_, _>>()?;
    for ((letter, about, _), running) in chosen.iter().zip(running) {
        println!("\nGroup {letter}, {about}");
        let mut report =
            running.join().unwrap_or_else(|_| Report { failed: vec![(*letter).to_owned()], ..Report::default() });
        if *letter == "F" {
            defects::tests(paths, &mut report)?;
        }
        print!("{}", report.text);
        total.passed += report.passed;
        total.failed.append(&mut report.failed);
        total.not_applicable += report.not_applicable;
    }
    println!();
    for id in &total.failed {
        println!("failed: step {id}");
    }
    let failed = u64::try_from(total.failed.len()).unwrap_or(u64::MAX);
    println!(
        "The seeds: {} steps gave what they must, {failed} did not, {} are not applicable; {}.",
        total.passed,
        total.not_applicable,
        watch.read()
    );
    Ok(Counts { passed: total.passed, failed })
}

/// Groups are independent, so each has its own thread, and the clock of its own engine.
fn start(letter: &str, tools: &Tools, group: Group) -> anyhow::Result<thread::JoinHandle<Report>> {
    let (tools, name) = (tools.clone(), letter.to_owned());
    let run = move || {
        let mut report = Report::default();
        if let Err(error) = group(&tools, &mut report) {
            report.text.push_str(&format!("{name} broke off: {error:#}\n"));
            report.failed.push(name);
        }
        report
    };
    thread::Builder::new().name(format!("group-{letter}")).spawn(run).context("there is no thread for a group")
}

fn chosen(arguments: &[String]) -> anyhow::Result<Vec<(&'static str, &'static str, Group)>> {
    if let Some(unknown) = arguments.iter().find(|letter| !GROUPS.iter().any(|(known, ..)| known == letter)) {
        bail!("the seeds have no group `{unknown}`; the groups are A to F");
    }
    let wanted = |letter: &str| arguments.is_empty() || arguments.iter().any(|given| given == letter);
    Ok(GROUPS.into_iter().filter(|(letter, ..)| wanted(letter)).collect())
}
