//! The whole engine under a simulated clock and seed.
//!
//! A seed decides everything: the workflows, who does what when, how the clock is turned, and where the engine dies and
//! is opened again. The engine runs on a store without threads and on one thread of the runtime, so the same seed gives
//! the same bytes. This lies outside of `src` because it speaks to the engine over its wire only; it is compiled into
//! the unit tests because only those may have a store without threads.

mod actions;
mod checks;
mod dice;
mod machines;
mod world;

use std::env;

use self::{actions::Life, dice::Dice};

/// Seeds of an ordinary run; [`SEEDS_WANTED`] asks for more, from [`FIRST_WANTED`] on.
const SEEDS: u64 = 6;
const SEEDS_WANTED: &str = "ENGINE_SIMULATION_SEEDS";
const FIRST_WANTED: &str = "ENGINE_SIMULATION_FIRST";

/// What the lives of an ordinary run must have seen, or they prove little.
const HAPPENINGS: [&str; 11] = [
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
fn the_same_seed_gives_the_same_bytes_and_no_promise_is_broken() {
    let mut happened = String::new();
    for seed in seeds() {
        println!("seed {seed}");
        let one = Life::new(seed).with_deaths().live();
        let other = Life::new(seed).with_deaths().live();
        assert_same(seed, &one, &other, "two runs differ");
        happened.push_str(&one);
    }
    for happening in HAPPENINGS {
        assert!(happened.contains(happening), "no life has seen {happening}: these seeds are too few or too tame");
    }
}

#[test]
fn restarts_change_nothing() {
    for seed in seeds() {
        println!("seed {seed}");
        let without = Life::new(seed).live();
        let with = Life::new(seed).with_restarts().live();
        assert_same(seed, &without, &with, "restarts have changed the outcome");
    }
}

#[test]
fn another_seed_gives_other_bytes() {
    assert_ne!(Life::new(1).live(), Life::new(2).live());
    assert_ne!(Dice::new(1).below(1 << 40), Dice::new(2).below(1 << 40));
}
