//! Simulation of the whole engine with a simulated clock and a seeded random source.
//!
//! The seed determines everything: the workflows, all actions and their times, and when the engine crashes and is
//! opened again. The engine uses a store without threads and a single-threaded runtime, so equal seeds give equal
//! bytes. The simulation is not in `src` because it uses only the wire API; it is compiled into the unit tests because
//! only they can open a store without threads.

mod actions;
mod checks;
mod machines;
mod random;
mod world;

use std::env;

use self::{actions::Run, random::Random};

/// Seeds of an ordinary run; [`SEEDS_VARIABLE`] sets another number, [`FIRST_VARIABLE`] another first seed.
const SEEDS: u64 = 6;
const SEEDS_VARIABLE: &str = "ENGINE_SIMULATION_SEEDS";
const FIRST_VARIABLE: &str = "ENGINE_SIMULATION_FIRST";

/// Texts that must occur in the final states of an ordinary run; otherwise the run tests too little.
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
    let number_from = |name| env::var(name).ok().and_then(|text| text.parse().ok());
    let first = number_from(FIRST_VARIABLE).unwrap_or(1);
    (first..).take(usize::try_from(number_from(SEEDS_VARIABLE).unwrap_or(SEEDS)).unwrap())
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
    let mut final_states = String::new();
    for seed in seeds() {
        println!("seed {seed}");
        let one = Run::new(seed).with_crashes().run();
        let other = Run::new(seed).with_crashes().run();
        assert_same(seed, &one, &other, "two runs differ");
        final_states.push_str(&one);
    }
    for event_type in REQUIRED_EVENTS {
        assert!(final_states.contains(event_type), "no final state contains {event_type}: use more seeds");
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
    assert_ne!(Random::new(1).below(1 << 40), Random::new(2).below(1 << 40));
}
