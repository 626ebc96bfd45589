//! Simulation of the whole engine with a simulated clock and a seeded random source.
//!
//! The seed determines everything: the workflows, all actions and their times, and when the engine crashes and is
//! opened again. The engine uses a store without threads and a single-threaded runtime, so equal seeds give equal
//! bytes. The simulation is not in `src` because it uses only the wire API; it is compiled into the unit tests because
//! only they can open a store without threads.

mod actions;
mod checks;
mod dice;
mod machines;
mod world;

use std::env;

use self::{actions::Run, dice::Dice};

/// Seeds of an ordinary run; [`SEEDS_WANTED`] asks for more, from [`FIRST_WANTED`] on.
const SEEDS: u64 = 6;
const SEEDS_WANTED: &str = "ENGINE_SIMULATION_SEEDS";
const FIRST_WANTED: &str = "ENGINE_SIMULATION_FIRST";

/// Event types that must occur in an ordinary run; otherwise it tests too little.
const REQUIRED_EVENTS: [&str; 11] = [
    "\"SUCCEEDED\"",
    "\"FAILED\"",
    "\"TIMED_OUT\"",
    "\"ABORTED\"",
    "\"RUNNING\"",
    "TaskTimedOut",
    "TaskStateAborted",
    "MapIterationAborted",
    "ParallelStateFailed",
    "Refused",
    "hits",
];

fn seeds() -> impl Iterator<Item = u64> {
    let wanted = |name| env::var(name).ok().and_then(|text| text.parse().ok());
    let first = wanted(FIRST_WANTED).unwrap_or(1);
    (first..).take(usize::try_from(wanted(SEEDS_WANTED).unwrap_or(SEEDS)).unwrap())
}

/// Fails with the first line that differs.
fn assert_same(seed: u64, one: &str, other: &str, what: &str) {
    if one == other {
        return;
    }
    let differs = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    panic!("seed {seed}: {what}\n{differs:#?}");
}

#[test]
fn equal_seeds_give_equal_bytes_and_all_invariants_hold() {
    let mut happened = String::new();
    for seed in seeds() {
        println!("seed {seed}");
        let one = Run::new(seed).with_crashes().run();
        let other = Run::new(seed).with_crashes().run();
        assert_same(seed, &one, &other, "two runs differ");
        happened.push_str(&one);
    }
    for event_type in REQUIRED_EVENTS {
        assert!(happened.contains(event_type), "no run has the event type {event_type}: use more seeds");
    }
}

#[test]
fn restarts_change_nothing() {
    for seed in seeds() {
        println!("seed {seed}");
        let without = Run::new(seed).run();
        let with = Run::new(seed).with_restarts().run();
        assert_same(seed, &without, &with, "restarts changed the result");
    }
}

#[test]
fn different_seeds_give_different_bytes() {
    assert_ne!(Run::new(1).run(), Run::new(2).run());
    assert_ne!(Dice::new(1).below(1 << 40), Dice::new(2).below(1 << 40));
}
