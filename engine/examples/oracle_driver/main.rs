//! Compares the engine's DynamoDB with dynoxide-rs on random sequences of calls.
//!
//! `cargo run --package doppio-engine --example oracle_driver -- [sequences] [seed] [survey]`
//!
//! dynoxide-rs links an SQLite of its own, so it runs as a child process (the workspace `engine/oracle/`, which cargo
//! builds when needed). The first sequence whose responses differ is shrunk and printed; the exit code is then 1. With
//! `survey` the driver continues with the next sequence.
#![expect(clippy::indexing_slicing, reason = "indexing JSON returns null, and random choices are within bounds")]

mod call;
mod compare;
mod fault;
mod faults;
mod generate;
mod known;
mod random;
mod sides;
mod tables;

use std::{collections::BTreeMap, env, error::Error, process::ExitCode};

use serde_json::json;

use crate::{
    call::Call,
    compare::Difference,
    known::Past,
    random::Random,
    sides::{Oracle, Ours},
};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let sequences: u64 = arguments.next().as_deref().unwrap_or("2000").parse()?;
    let seed: u64 = arguments.next().as_deref().unwrap_or("1").parse()?;
    let survey = arguments.next().as_deref() == Some("survey");
    let mut sides = (Ours::open()?, Oracle::start()?);
    let (mut calls, mut successes) = (0usize, 0usize);
    let mut excused: BTreeMap<&str, usize> = BTreeMap::new();
    let mut different = false;
    for number in 0..sequences {
        let sequence = generate::sequence(&mut Random::new(seed.wrapping_add(number)));
        calls += sequence.len();
        let run = run(&sequence, &mut sides)?;
        run.excused.iter().for_each(|reason| *excused.entry(reason).or_default() += 1);
        successes += run.successes;
        if let Some(difference) = run.difference {
            let (shortest, difference) = shrink(sequence, difference, &mut sides)?;
            println!("sequence {number} (seed {}) differs; shrunk to:", seed.wrapping_add(number));
            for call in &shortest {
                println!("  {} {}", call.operation, call.request);
            }
            let (path, ours, oracle_value) = difference.place();
            println!("at {path}\nours:  {ours}\njudge: {oracle_value}");
            if path.ends_with("__type") || path == "/ok" || path == "/error" {
                println!("ours in full:  {}\njudge in full: {}", difference.ours, difference.oracle);
            }
            different = true;
            if !survey {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    println!("{sequences} sequences, {calls} calls ({successes} succeeded)");
    for (reason, times) in excused {
        println!("known difference, {times} times: {reason}");
    }
    Ok(if different { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The result of running a sequence on both sides.
struct Run {
    difference: Option<Difference>,
    excused: Vec<&'static str>,
    successes: usize,
}

fn run(sequence: &[Call], (ours, oracle): &mut (Ours, Oracle)) -> Result<Run, Box<dyn Error>> {
    ours.reset()?;
    oracle.reset()?;
    let mut run = Run { difference: None, excused: Vec::new(), successes: 0 };
    let mut past = Past::default();
    for call in tables::create_tables().iter().chain(sequence) {
        let mine = ours.call(call)?;
        let theirs = oracle.call(call)?;
        run.successes += usize::from(mine.get("ok").is_some());
        if mine.get("ok").is_some() && !faults::of(call).is_empty() {
            // AWS refuses this, so the oracle's agreement does not count.
            run.difference =
                Some(Difference { ours: mine, oracle: json!({"refused for": format!("{:?}", faults::of(call))}) });
            return Ok(run);
        }
        if let Some(difference) = compare::difference(call, &mine, &theirs) {
            let Some(reason) = known::reason(call, &past, &difference) else {
                run.difference = Some(difference);
                return Ok(run);
            };
            run.excused.push(reason);
            // If only one side has written, later differences would follow from that.
            if mine.get("ok").is_some() != theirs.get("ok").is_some() {
                return Ok(run);
            }
        }
        past.note(call, &mine);
    }
    Ok(run)
}

/// Removes calls as long as a difference remains.
fn shrink(
    mut sequence: Vec<Call>,
    mut difference: Difference,
    sides: &mut (Ours, Oracle),
) -> Result<(Vec<Call>, Difference), Box<dyn Error>> {
    let mut at = sequence.len();
    while at > 0 {
        at -= 1;
        let mut shorter = sequence.clone();
        shorter.remove(at);
        if let Some(found) = run(&shorter, sides)?.difference {
            sequence = shorter;
            difference = found;
            at = at.min(sequence.len());
        }
    }
    Ok((sequence, difference))
}
