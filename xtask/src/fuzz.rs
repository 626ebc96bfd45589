//! `cargo xtask fuzz`: runs the fuzz targets of the engine.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

use crate::paths::Paths;
use crate::prepare;
use crate::process::{exit_code, loud, program, quiet};
use crate::step::{loud_step, step};

/// The targets of `engine/fuzz` and their longest inputs in bytes: long enough for deep nesting, short enough that a
/// hang is a bug of the engine.
const TARGETS: [(&str, u32); 5] =
    [("definitions", 4096), ("paths", 4096), ("patterns", 4096), ("expressions", 4096), ("requests", 4096)];
const MINUTES: u64 = 15;
/// Seconds after which an input counts as a hang. Wall-clock time, so it allows for a busy machine.
const TIMEOUT: u32 = 20;
/// Limits in megabytes: of the process, and of one allocation.
const MEMORY: u32 = 2048;
const ALLOCATION: u32 = 512;
/// Number of inputs that `keep` selects for each target.
const KEPT: usize = 40;

/// Runs every target, or one, for some minutes: `[target] [minutes]`. `keep [target]` selects a new corpus from the old one and
/// the inputs found since.
///
/// # Errors
/// There is no such target, or a tool is missing and cannot be installed.
pub(crate) fn fuzz(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let Arguments { keep, targets, minutes } = Arguments::parse(arguments)?;
    prepare::fuzzing(paths)?;
    for (name, longest) in targets {
        step(format!("Building the fuzz target {name} (some minutes the first time)"), || {
            quiet(paths, cargo_fuzz(paths, "build").arg(name), &format!("fuzz-{name}"))
        })?;
        if keep {
            step(format!("Selecting the corpus of {name}"), || keep_best(paths, name))?;
            continue;
        }
        let status = loud_step(&format!("Fuzzing {name} for {minutes} min"), || {
            let mut run = cargo_fuzz(paths, "run");
            run.arg(name).arg(found(paths, name)?).arg(kept(paths, name)).arg("--");
            run.args(limits(longest)).arg(format!("-max_total_time={}", minutes * 60));
            run.arg(format!("-dict={}/engine/fuzz/dictionaries/{name}.dict", paths.root().display()));
            loud(run.args(["-print_final_stats=1", "-reload=0"]))
        })?;
        if !status.success() {
            println!(
                "The failing input is in engine/fuzz/artifacts/{name}; fix the engine, then add it to the corpus."
            );
            return Ok(exit_code(status));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The arguments.
#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    keep: bool,
    targets: Vec<(&'static str, u32)>,
    minutes: u64,
}

impl Arguments {
    fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let mut parsed = Self { keep: false, targets: TARGETS.to_vec(), minutes: MINUTES };
        for argument in arguments {
            if argument == "keep" {
                parsed.keep = true;
            } else if let Ok(minutes) = argument.parse() {
                parsed.minutes = minutes;
            } else if let Some(target) = TARGETS.iter().find(|(name, _)| name == argument) {
                parsed.targets = vec![*target];
            } else {
                let names = TARGETS.map(|(name, _)| name).join(", ");
                bail!("unknown fuzz target `{argument}`; known are {names}");
            }
        }
        Ok(parsed)
    }
}

fn limits(longest: u32) -> [String; 4] {
    [
        format!("-max_len={longest}"),
        format!("-timeout={TIMEOUT}"),
        format!("-rss_limit_mb={MEMORY}"),
        format!("-malloc_limit_mb={ALLOCATION}"),
    ]
}

/// `cargo fuzz` with the nightly compiler, which can instrument.
fn cargo_fuzz(paths: &Paths, command: &str) -> Command {
    let mut fuzz = program(paths, "rustup");
    fuzz.args(["run", "nightly", "cargo", "fuzz", command, "--fuzz-dir", "engine/fuzz"]);
    fuzz.env("CARGO_TARGET_DIR", paths.target().join("fuzz"));
    fuzz
}

/// The corpus in git.
fn kept(paths: &Paths, target: &str) -> PathBuf {
    paths.root().join("engine/fuzz/corpus").join(target)
}

/// The corpus that grows from run to run.
fn found(paths: &Paths, target: &str) -> anyhow::Result<PathBuf> {
    let folder = paths.target().join("fuzz/found").join(target);
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder)
}

/// Replaces the corpus by the inputs of the corpus and of later runs that reach the most branches. Inputs that people added,
/// whose names are words, stay.
fn keep_best(paths: &Paths, name: &str) -> anyhow::Result<()> {
    let (kept, found) = (kept(paths, name), found(paths, name)?);
    let (merged, reached) = (found.with_extension("merged"), found.with_extension("reached"));
    if merged.exists() {
        fs::remove_dir_all(&merged)?;
    }
    if reached.exists() {
        fs::remove_file(&reached)?;
    }
    fs::create_dir_all(&merged)?;
    let mut merge = cargo_fuzz(paths, "run");
    merge.arg(name).args([&merged, &kept, &found]).args(["--", "-set_cover_merge=1", "-use_counters=0"]);
    merge.arg(format!("-merge_control_file={}", reached.display()));
    quiet(paths, &mut merge, &format!("fuzz-keep-{name}"))?;
    let best = most_reaching(Reached::read(&fs::read_to_string(&reached)?));
    let best: Vec<(String, Vec<u8>)> = best
        .iter()
        .map(|file| {
            Ok((Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned(), fs::read(file)?))
        })
        .collect::<anyhow::Result<_>>()?;
    for old in fs::read_dir(&kept)? {
        let old = old?;
        if is_hash(&old.file_name().to_string_lossy()) {
            fs::remove_file(old.path())?;
        }
    }
    for (name, bytes) in best.iter().filter(|(name, _)| is_hash(name)) {
        fs::write(kept.join(name), bytes)?;
    }
    Ok(())
}

/// An input and the branches that it reaches.
#[derive(Debug)]
struct Reached {
    file: String,
    branches: HashSet<u32>,
}

impl Reached {
    /// Reads libFuzzer's notes of a merge: two numbers, the files, and lines such as `FT 3 17 21` for each of them.
    fn read(notes: &str) -> Vec<Self> {
        let mut lines = notes.lines();
        let count = lines.next().and_then(|line| line.parse().ok()).unwrap_or_default();
        let files = lines.by_ref().skip(1).take(count);
        let mut all: Vec<Self> = files.map(|file| Self { file: file.to_owned(), branches: HashSet::new() }).collect();
        for line in lines {
            let mut words = line.split(' ');
            if words.next() != Some("FT") {
                continue;
            }
            let of = words.next().and_then(|word| word.parse::<usize>().ok()).and_then(|number| all.get_mut(number));
            if let Some(of) = of {
                of.branches.extend(words.filter_map(|word| word.parse::<u32>().ok()));
            }
        }
        all
    }
}

/// Selects files greedily: next the one that adds the most branches.
fn most_reaching(mut all: Vec<Reached>) -> Vec<String> {
    let mut chosen = Vec::new();
    while chosen.len() < KEPT
        && let Some((best, _)) = all.iter().enumerate().max_by_key(|(_, reached)| reached.branches.len())
    {
        let Reached { file, branches } = all.swap_remove(best);
        if branches.is_empty() {
            break;
        }
        all.iter_mut().for_each(|other| other.branches.retain(|branch| !branches.contains(branch)));
        chosen.push(file);
    }
    chosen
}

/// Whether libFuzzer gave the name, which is a hash then.
fn is_hash(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> anyhow::Result<Arguments> {
        Arguments::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn without_arguments_every_target_runs_15_minutes() {
        assert_eq!(parsed("").unwrap(), Arguments { keep: false, targets: TARGETS.to_vec(), minutes: 15 });
        let one = Arguments { keep: false, targets: vec![("paths", 4096)], minutes: 2 };
        assert_eq!(parsed("paths 2").unwrap(), one);
        assert_eq!(parsed("keep paths").unwrap().targets, one.targets);
    }

    #[test]
    fn inputs_that_add_the_most_branches_are_kept() {
        let notes =
            "4\n0\n/a/one\n/a/two\n/a/three\n/a/four\nSTARTED 0 9\nFT 0 1 2 3\nCOV 0 1\nFT 1 1 2\nFT 2 3 4\nFT 3\n";
        assert_eq!(most_reaching(Reached::read(notes)), ["/a/one", "/a/three"]);
    }

    #[test]
    fn an_unknown_target_is_named_with_those_that_exist() {
        let message = parsed("coffee").unwrap_err().to_string();
        assert!(message.contains("`coffee`") && message.contains("expressions"), "{message}");
    }

    #[test]
    fn every_target_has_its_file_its_dictionary_and_its_corpus() {
        let paths = Paths::find().unwrap();
        let fuzz = paths.root().join("engine/fuzz");
        let mut files: Vec<_> = fs::read_dir(fuzz.join("fuzz_targets"))
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let mut names = TARGETS.map(|(name, _)| format!("{name}.rs"));
        names.sort();
        assert_eq!(files, names);
        for (name, _) in TARGETS {
            assert!(fuzz.join(format!("dictionaries/{name}.dict")).is_file() && kept(&paths, name).is_dir(), "{name}");
        }
    }
}
