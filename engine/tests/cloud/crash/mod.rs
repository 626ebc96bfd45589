//! `kill -9` under load: what was acknowledged is there afterwards, everything ends as it should, nothing happens twice.
//!
//! The engine runs in a child process: this very test binary, asked for [`server::the_process_that_is_killed`]. Eight
//! clients speak to it over sockets and write into a [`journal`] what it acknowledged. At a random moment it is killed;
//! the next one opens the same file and is asked whether all that is so. After the last round everything is brought to
//! its end and counted.
//!
//! All rounds of the promise, which take some ten minutes:
//!
//! ```sh
//! ENGINE_CRASH_TEST_ROUNDS=300 nice -n 19 cargo test -p doppio-engine --test cloud -- crash::nothing --nocapture
//! ```
//!
//! A killed process leaves the system's page cache as it is, so this says nothing about a power cut: for that the store
//! relies on SQLite's `synchronous = FULL`.

mod check;
mod client;
mod journal;
pub(crate) mod server;

use std::env;

use engine::clock::{Rng, SystemRng};
use futures_util::future::join_all;

use self::{client::Client, journal::Journal, server::Server};
use crate::{common::Folder, shop};

/// Kills in an ordinary run; [`ROUNDS_WANTED`] asks for more.
const ROUNDS: usize = 3;
const ROUNDS_WANTED: &str = "ENGINE_CRASH_TEST_ROUNDS";
const CLIENTS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_happens_twice() {
    let folder = Folder::new();
    let journal = Journal::default();
    let server = Server::start(&folder.file()).await;
    shop::build(&server.clients).await;
    client::audit_rule(&server.clients).await;
    server.kill();

    let rounds = env::var(ROUNDS_WANTED).map_or(ROUNDS, |wanted| wanted.parse().unwrap());
    let mut checked = 0;
    for round in 0..rounds {
        let server = Server::start(&folder.file()).await;
        check::all(&server.clients, &journal, checked..journal.len()).await;
        check::finish_open_orders(&server.clients, &journal).await;
        checked = journal.len();

        let [after, pause] = random();
        let clients: Vec<Client> = (0..CLIENTS).map(|number| Client::new(&server, &journal, round, number)).collect();
        let load = join_all(clients.iter().map(Client::work));
        let killer = async {
            // Zero is right after the start, while what the last kill left is being delivered.
            journal.reaches(checked + usize::from(after)).await;
            for _ in 0..pause {
                tokio::task::yield_now().await;
            }
            server.kill();
        };
        tokio::join!(load, killer);
    }

    let server = Server::start(&folder.file()).await;
    check::all(&server.clients, &journal, 0..journal.len()).await;
    check::finish_open_orders(&server.clients, &journal).await;
    let counted = check::balance(&server.clients, &journal).await;
    server.kill();
    check::nothing_is_left_over(&folder.file()).await;
    println!("{rounds} rounds, {} acknowledgements, {counted}", journal.len());
}

fn random() -> [u8; 2] {
    let mut random = [0u8; 2];
    SystemRng.fill(&mut random);
    random
}
