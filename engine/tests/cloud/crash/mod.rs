//! `kill -9` under load: everything acknowledged is still there afterwards, every order ends as expected, and nothing
//! happens twice.
//!
//! The engine runs in a child process: this test binary, with the argument [`server::the_process_that_is_killed`].
//! Eight clients call it over sockets and record in a [`journal`] what it acknowledged. It is killed at a random
//! moment; the next process opens the same file, and the journal is checked against it. After the last round all orders
//! are completed and counted.
//!
//! All rounds, which take about ten minutes:
//!
//! ```sh
//! ENGINE_CRASH_TEST_ROUNDS=300 nice -n 19 cargo test -p doppio-engine --test cloud -- crash::nothing --nocapture
//! ```

mod check;
mod client;
mod journal;
pub(crate) mod server;

use std::env;

use engine::clock::{Rng, SystemRng};
use futures_util::future::join_all;

use self::{client::Client, journal::Journal, server::Server};
use crate::{common::Folder, shop};

/// Kills in an ordinary run; [`ROUNDS_VARIABLE`] sets another number.
const ROUNDS: usize = 3;
const ROUNDS_VARIABLE: &str = "ENGINE_CRASH_TEST_ROUNDS";
const CLIENTS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_happens_twice() {
    let folder = Folder::new();
    let journal = Journal::default();
    let server = Server::start(&folder.file()).await;
    shop::build(&server.clients).await;
    client::audit_rule(&server.clients).await;
    server.kill();

    let rounds = env::var(ROUNDS_VARIABLE).map_or(ROUNDS, |text| text.parse().unwrap());
    let mut checked = 0;
    for round in 0..rounds {
        let server = Server::start(&folder.file()).await;
        check::check_entries(&server.clients, &journal, checked..journal.len()).await;
        check::finish_open_orders(&server.clients, &journal).await;
        checked = journal.len();

        let [entries, yields] = random();
        let clients: Vec<Client> = (0..CLIENTS).map(|number| Client::new(&server, &journal, round, number)).collect();
        let load = join_all(clients.iter().map(Client::work));
        let killer = async {
            // With zero entries the kill comes right after the start, while deliveries from the previous round are in flight.
            journal.wait_for_length(checked + usize::from(entries)).await;
            for _ in 0..yields {
                tokio::task::yield_now().await;
            }
            server.kill();
        };
        tokio::join!(load, killer);
    }

    let server = Server::start(&folder.file()).await;
    check::check_entries(&server.clients, &journal, 0..journal.len()).await;
    check::finish_open_orders(&server.clients, &journal).await;
    let totals = check::check_totals(&server.clients, &journal).await;
    server.kill();
    check::check_no_deliveries_left(&folder.file()).await;
    println!("{rounds} rounds, {} acknowledgements, {totals}", journal.len());
}

fn random() -> [u8; 2] {
    let mut random = [0u8; 2];
    SystemRng.fill(&mut random);
    random
}
