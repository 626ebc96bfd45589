//! The live connections under a simulated network and clock.
//!
//! A seed decides everything: who looks at what, how orders move, when paths go dark, connections are reset or forgotten,
//! devices sleep or read slowly, and when the server dies or is closed. The hub, its topics and sockets are those of the
//! server, and a device is the state machine of the pages (`app::live::session`); only the network between them and the
//! clock are made here. Everything runs on one thread, so the same seed gives the same trace.
//!
//! What must hold, at every moment and for every device:
//!
//! - what it shows the server has had, at exactly that position, live or not;
//! - it goes from one position to the next, or takes a snapshot, and never shows what was over before that which it has
//!   shown began: what was told once is not told again;
//! - live, it knows all that was new before its last frame was sent, and where the server could not hand its frames over,
//!   all that was new before it was stuck;
//! - it is not live after 15 seconds of silence, one to the next tick;
//! - three seconds after everything is whole again it shows what the server shows, and if the server has just asked it to
//!   come back later, three seconds and one answer after that; soon it is live;
//! - what the hub shows then is what the table says, but for its estimates of waits.
//!
//! This lies outside of `src` because it is no unit test; it is compiled into them because the hub is nobody else's to
//! see. `cargo xtask simulate` runs ten thousand seeds. One seed is told in words by
//! `LIVE_SIMULATION_FIRST=<seed> LIVE_SIMULATION_SEEDS=1 LIVE_SIMULATION_TRACE=1 cargo test -p doppio-server --lib simulation -- --nocapture`.

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
    world::{Seen, Size, World},
};

/// Seeds of an ordinary run; [`SEEDS_WANTED`] asks for more, from [`FIRST_WANTED`] on.
const SEEDS: u64 = 24;
const SEEDS_WANTED: &str = "LIVE_SIMULATION_SEEDS";
const FIRST_WANTED: &str = "LIVE_SIMULATION_FIRST";
/// A small room meets the same trouble, and more of it a device.
const SMALL: Size = Size { devices: 24, trouble: 60_000 };
/// A full one.
const FULL: Size = Size { devices: 200, trouble: 60_000 };
/// Seeds after which a broken program must have been noticed.
const NOTICED: u64 = 120;

fn wanted(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

fn live(seed: u64, size: Size) -> Result<(u64, Seen), String> {
    let lived = World::new(seed, size, None).live();
    lived.map_err(|wrong| format!("seed {seed} with {} devices: {wrong}", size.devices))
}

#[test]
fn no_screen_lies_and_all_are_right_in_the_end() {
    let first = wanted(FIRST_WANTED).unwrap_or(1);
    let rooms: Vec<(u64, Size)> = match wanted(SEEDS_WANTED) {
        // Every seed fills the room.
        Some(seeds) => (first..first + seeds).map(|seed| (seed, FULL)).collect(),
        None => (first..first + SEEDS).map(|seed| (seed, SMALL)).chain([(first, FULL)]).collect(),
    };
    let mut seen = Seen::default();
    let mut failed = 0;
    for &(seed, size) in &rooms {
        match live(seed, size) {
            Ok((_, more)) => seen += more,
            Err(wrong) => {
                failed += 1;
                println!("{wrong}");
            }
        }
    }
    println!("seen: {seen}");
    assert_eq!(failed, 0, "of {} seeds", rooms.len());
    // What has not happened has not been tried.
    assert!(seen.is_enough() || rooms.len() < SEEDS as usize, "{seen}");
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    let seeds = 1..=4;
    let one: Vec<_> = seeds.clone().map(|seed| live(seed, SMALL).unwrap()).collect();
    let other: Vec<_> = seeds.map(|seed| live(seed, SMALL).unwrap()).collect();
    assert_eq!(one, other);
    assert!(one.windows(2).all(|two| two[0].0 != two[1].0), "{one:?}");
}

#[test]
fn whoever_breaks_a_promise_is_noticed() {
    for mutant in Mutant::ALL {
        let noticed = (1..=NOTICED).find_map(|seed| Some((seed, World::new(seed, SMALL, Some(mutant)).live().err()?)));
        match noticed {
            Some((seed, wrong)) => println!("{mutant:?} by seed {seed}: {wrong}"),
            None => panic!("nobody has noticed {mutant:?}"),
        }
    }
}
