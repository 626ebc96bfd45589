//! Many open executions: their memory, and how soon after `kill -9` their timers and tokens work.

use std::time::Duration;

use anyhow::ensure;
use futures_util::future::try_join_all;
use serde_json::Value;

use super::http::{Connection, STATES};
use super::order::{self, Client};
use super::process;
use super::server::{Kind, Programs, Server};
use super::setup;
use super::table::number;
use crate::clock::{now, sleep};

/// Concurrent clients.
const CLIENTS: usize = 32;
/// Executions that time out while the engine is down. Their timers must fire after the restart.
const OVERDUE: usize = 1_000;
/// Time-out of these executions in seconds.
const SHORT_TIMEOUT: u32 = 10;

/// An execution that waits for its task token.
struct Waiting {
    execution: String,
    order: String,
    token: String,
}

/// Starts `open` executions, kills the engine, and measures the recovery.
///
/// # Errors
/// The engine does not start, or has lost an execution.
pub(crate) async fn measure(programs: &Programs, open: u64) -> anyhow::Result<()> {
    let data = programs.folder.join("open");
    let open = usize::try_from(open)?;
    let server = Server::start(programs, Kind::Engine, &data).await?;
    let machine = setup::prepare(&server).await?;
    let short = order::prepare(&mut Connection::new(&server.address), "ShortTimeout", SHORT_TIMEOUT).await?;
    println!("{open} executions wait for their token; {OVERDUE} more will time out.");
    let began = now();
    let waiting = begin(&server.address, &machine, open).await?;
    let took = began.elapsed();
    let (memory, peak) = (process::memory(server.id()), process::peak_memory(server.id()));
    let overdue = begin(&server.address, &short, OVERDUE).await?;
    server.kill()?;
    let killed = now();
    let bytes = setup::folder_size(&data);
    while killed.elapsed() < Duration::from_secs(u64::from(SHORT_TIMEOUT) + 1) {
        sleep(Duration::from_millis(100)).await;
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
    all_timed_out(&server.address, &short).await?;
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
    println!("| after kill -9, time from process start to the first answer | {} |", seconds(answers));
    println!("| … to the first token sent and its next state visible | {} |", seconds(token));
    println!("| … to the end of all {OVERDUE} executions that timed out meanwhile | {} |", seconds(timers));
    println!("| memory then | {} MiB |", number(memory_again, 0));
    println!("| sending the other {} tokens and reading each next state | {} |", rest.len(), seconds(answered));
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

/// Sends every token and waits for the next step of each order.
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

/// Waits until no execution of the state machine is running, and checks that each has timed out.
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
        sleep(Duration::from_millis(2)).await;
    }
    let mut ended = 0;
    for status in ["FAILED", "TIMED_OUT"] {
        ended += number(&connection.call(STATES, "ListExecutions", &list(status)).await?);
    }
    ensure!(ended == OVERDUE, "{ended} of {OVERDUE} executions timed out");
    Ok(())
}
