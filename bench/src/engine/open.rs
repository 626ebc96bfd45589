//! Many executions that wait at once: their memory, and how soon after a power cut their timers and tokens work.

use std::time::Duration;

use anyhow::ensure;
use futures_util::future::try_join_all;
use serde_json::Value;

use super::http::{Connection, STATES};
use super::life::{self, Client};
use super::process;
use super::server::{Kind, Programs, Server};
use super::table::number;
use crate::clock::{nap, now};

/// Clients that start executions and answer their tokens.
const CLIENTS: usize = 32;
/// Executions whose time is up while the engine is down: as many timers must fire when it comes back.
const OVERDUE: usize = 1_000;
/// Seconds that these may wait.
const SHORT: u32 = 10;

/// An execution that waits.
struct Waiting {
    execution: String,
    order: String,
    token: String,
}

/// Opens `open` executions, kills the engine, and measures what works how soon.
///
/// # Errors
/// The engine does not start, or forgets something.
pub(crate) async fn measure(programs: &Programs, open: u64) -> anyhow::Result<()> {
    let data = programs.folder.join("open");
    let open = usize::try_from(open)?;
    let server = Server::start(programs, Kind::Engine, &data).await?;
    let machine = super::prepare(&server).await?;
    let hasty = life::prepare(&mut Connection::new(&server.address), "Hasty", SHORT).await?;
    println!("{open} executions wait for their token; then {OVERDUE} more whose time will be up.");
    let began = now();
    let waiting = begin(&server.address, &machine, open).await?;
    let took = began.elapsed();
    let (memory, peak) = (process::memory(server.id()), process::peak_memory(server.id()));
    let overdue = begin(&server.address, &hasty, OVERDUE).await?;
    server.kill()?;
    let killed = now();
    let bytes = super::size(&data);
    while killed.elapsed() < Duration::from_secs(u64::from(SHORT) + 1) {
        nap(Duration::from_millis(100)).await;
    }

    let began = now();
    let server = Server::start(programs, Kind::Engine, &data).await?;
    let answers = began.elapsed();
    if let Some(first) = waiting.first() {
        let mut client = Client::new(&server.address, &machine);
        client.succeed(&first.token).await?;
        client.token(&first.order, "barista").await?;
    }
    let token = began.elapsed();
    all_timed_out(&server.address, &hasty).await?;
    let timers = began.elapsed();
    let (memory_again, rest) = (process::memory(server.id()), waiting.get(1..).unwrap_or_default());
    let sent = now();
    answer(&server.address, &machine, rest).await?;
    let answered = sent.elapsed();
    let peak_again = process::peak_memory(server.id());
    server.stop()?;
    drop(overdue);

    println!();
    println!("| | |");
    println!("|---|---:|");
    let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
    println!("| starting {open} executions and reading their tokens | {} |", seconds(took));
    println!("| memory then | {} MiB |", number(memory, 0));
    println!("| peak memory until then | {} MiB |", number(peak, 0));
    println!("| bytes on disk | {bytes} |");
    println!("| after kill -9, from the start of the process: first call answered | {} |", seconds(answers));
    println!("| … first token sent, next state visible | {} |", seconds(token));
    println!("| … all {OVERDUE} timers that came due meanwhile have ended their executions | {} |", seconds(timers));
    println!("| memory then | {} MiB |", number(memory_again, 0));
    println!("| all other {} tokens sent, each next state seen | {} |", rest.len(), seconds(answered));
    println!("| peak memory until then | {} MiB |", number(peak_again, 0));
    Ok(())
}

/// Starts executions and reads their first tokens.
async fn begin(host: &str, machine: &str, number: usize) -> anyhow::Result<Vec<Waiting>> {
    let work = (0..CLIENTS).map(|client| async move {
        let share = number / CLIENTS + usize::from(client < number % CLIENTS);
        let mut client = Client::new(host, machine);
        let mut waiting = Vec::with_capacity(share);
        for _ in 0..share {
            let (order, execution) = client.start().await?;
            let token = client.token(&order, "customer").await?;
            waiting.push(Waiting { execution, order, token });
        }
        anyhow::Ok(waiting)
    });
    Ok(try_join_all(work).await?.into_iter().flatten().collect())
}

/// Sends every token, and sees each order come to its next step.
async fn answer(host: &str, machine: &str, waiting: &[Waiting]) -> anyhow::Result<()> {
    let work = waiting.chunks(waiting.len().div_ceil(CLIENTS).max(1)).map(|share| async move {
        let mut client = Client::new(host, machine);
        for Waiting { order, token, execution } in share {
            client.succeed(token).await?;
            let next = client.token(order, "barista").await?;
            ensure!(next != *token, "{execution} has the same token twice");
        }
        anyhow::Ok(())
    });
    try_join_all(work).await.map(drop)
}

/// Waits until no execution of the machine runs any more, and checks that each timed out.
async fn all_timed_out(host: &str, machine: &str) -> anyhow::Result<()> {
    let mut connection = Connection::new(host);
    let list =
        |status: &str| format!(r#"{{"stateMachineArn":"{machine}","statusFilter":"{status}","maxResults":{OVERDUE}}}"#);
    let number = |answer: &Value| answer.get("executions").and_then(Value::as_array).map_or(0, Vec::len);
    loop {
        let running = connection.call(STATES, "ListExecutions", &list("RUNNING")).await?;
        if number(&running) == 0 {
            break;
        }
        nap(Duration::from_millis(2)).await;
    }
    let mut ended = 0;
    for status in ["FAILED", "TIMED_OUT"] {
        ended += number(&connection.call(STATES, "ListExecutions", &list(status)).await?);
    }
    ensure!(ended == OVERDUE, "{ended} of {OVERDUE} executions ended because their time was up");
    Ok(())
}
