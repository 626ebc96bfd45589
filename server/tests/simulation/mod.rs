//! The live connections under a simulated network and clock.
//!
//! A seed determines everything: which topics clients subscribe to, how orders change, when networks hold packets back,
//! when connections are reset or silently lost, when devices sleep or read slowly, and when the server crashes or
//! restarts. The hub, its topics and its connections are the real ones, and so is the state machine of the pages
//! (`app::live::client`). Only the network and the clock are simulated. Everything runs on one thread, so the same
//! seed gives the same trace.
//!
//! Invariants, at every moment and for every device:
//!
//! - The server has had the state that the device shows, at exactly that position, whether the device is live or not.
//! - The device goes from one position to the next, or takes a snapshot, and never shows a state that ended before the
//!   previous one began, so nothing is shown twice.
//! - A live device has every change that was made before its last frame was sent. If the server could not send, it has
//!   every change from before the connection was blocked.
//! - A device is not live after 15 seconds without a frame, and at most one more second until the next tick.
//! - Three seconds after all faults are repaired the device shows what the server shows; if the server has just asked
//!   it to reconnect later, three seconds and one response later. Soon after, it is live.
//! - Then the hub shows what the table contains, except for the estimated waits.
//!
//! This is part of the unit tests of the library because it needs private types. It is not in `src` because of its
//! size. `cargo xtask simulate` runs 10,000 seeds. This prints one seed:
//!
//! ```sh
//! export LIVE_SIMULATION_FIRST=<seed> LIVE_SIMULATION_SEEDS=1 LIVE_SIMULATION_TRACE=1
//! cargo test -p doppio-server --lib simulation -- --nocapture
//! ```

mod backend;
mod clock;
mod consistency;
mod device;
mod executor;
mod heartbeats;
mod history;
mod mutant;
mod random;
mod source;
mod trace;
mod wire;
mod world;

use std::env;

use self::{
    mutant::Mutant,
    world::{Situations, Size, World},
};

/// Seeds of a normal test run. [`SEEDS_VARIABLE`] sets another number, [`FIRST_VARIABLE`] another first seed.
const SEEDS: u64 = 24;
const SEEDS_VARIABLE: &str = "LIVE_SIMULATION_SEEDS";
const FIRST_VARIABLE: &str = "LIVE_SIMULATION_FIRST";
/// The same number of faults for fewer devices, so each device has more of them.
const SMALL: Size = Size { devices: 24, faults_millis: 60_000 };
/// All devices.
const FULL: Size = Size { devices: 200, faults_millis: 60_000 };
/// The number of seeds within which each defect must be detected.
const DETECTION_SEEDS: u64 = 120;

/// The number in an environment variable.
fn number_from(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

fn simulate(seed: u64, size: Size) -> Result<(u64, Situations), String> {
    let result = World::new(seed, size, None).run();
    result.map_err(|violation| format!("seed {seed} with {} devices: {violation}", size.devices))
}

#[test]
fn invariants_hold_and_all_clients_recover() {
    let first = number_from(FIRST_VARIABLE).unwrap_or(1);
    let runs: Vec<(u64, Size)> = match number_from(SEEDS_VARIABLE) {
        // Every seed simulates all devices.
        Some(seeds) => (first..first + seeds).map(|seed| (seed, FULL)).collect(),
        None => (first..first + SEEDS).map(|seed| (seed, SMALL)).chain([(first, FULL)]).collect(),
    };
    let mut situations = Situations::default();
    let mut failed = 0;
    for &(seed, size) in &runs {
        match simulate(seed, size) {
            Ok((_, more)) => situations += more,
            Err(violation) => {
                failed += 1;
                println!("{violation}");
            }
        }
    }
    println!("seen: {situations}");
    assert_eq!(failed, 0, "of {} seeds", runs.len());
    // Every situation must have occurred at least once.
    assert!(situations.is_enough() || runs.len() < SEEDS as usize, "{situations}");
}

#[test]
fn a_seed_determines_the_trace() {
    let seeds = 1..=4;
    let one: Vec<_> = seeds.clone().map(|seed| simulate(seed, SMALL).unwrap()).collect();
    let other: Vec<_> = seeds.map(|seed| simulate(seed, SMALL).unwrap()).collect();
    assert_eq!(one, other);
    assert!(one.windows(2).all(|two| two[0].0 != two[1].0), "{one:?}");
}

#[test]
fn every_deliberate_defect_is_detected() {
    for mutant in Mutant::ALL {
        let detected =
            (1..=DETECTION_SEEDS).find_map(|seed| Some((seed, World::new(seed, SMALL, Some(mutant)).run().err()?)));
        match detected {
            Some((seed, violation)) => println!("{mutant:?} by seed {seed}: {violation}"),
            None => panic!("{mutant:?} was not detected"),
        }
    }
}
