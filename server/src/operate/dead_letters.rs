//! `doppio dead-letters`: deliveries that were given up, without their payload, which contains task tokens.

use std::{path::Path, sync::Arc, time::Duration};

use engine::{
    DeadLetter, Engine, OpenError, Options,
    clock::{Clock, SystemRng, Timestamp},
    error::ApiError,
};

use super::{
    error::{OperateError, out_of_reach, unexpected},
    table,
};
use crate::{
    control::{self, DeadLetterInfo, Outcome, Replayed, Reply, Request},
    data_folder, time,
};

/// How long a replay waits for the outcome of a delivery.
const OUTCOME_TIMEOUT: Duration = Duration::from_secs(5);
/// The polling interval.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Lists the dead letters; returns what to print.
///
/// # Errors
/// The data cannot be read.
pub fn list(data_dir: &Path, json: bool, clock: Arc<dyn Clock>) -> Result<String, OperateError> {
    let letters = match control::send(data_dir, &Request::ListDeadLetters)? {
        Some(Reply::DeadLetters(letters)) => letters,
        Some(other) => return Err(unexpected(&other)),
        None => with_stopped_server(data_dir, clock, async |engine| letters(engine).await)?,
    };
    if json {
        return serde_json::to_string_pretty(&letters).map_err(|error| OperateError::Refused(error.to_string()));
    }
    if letters.is_empty() {
        return Ok("There are no dead letters: everything was delivered or is being retried.".to_owned());
    }
    Ok(table::of(&letters))
}

/// Delivers one dead letter again, or all; returns what to print.
///
/// # Errors
/// The data cannot be read or written, or there is no such dead letter.
pub fn replay(data_dir: &Path, id: Option<i64>, clock: Arc<dyn Clock>) -> Result<String, OperateError> {
    let replayed = match control::send(data_dir, &Request::ReplayDeadLetters { id })? {
        Some(Reply::Replayed(replayed)) => replayed,
        Some(other) => return Err(unexpected(&other)),
        None => with_stopped_server(data_dir, clock, async |engine| {
            let mut replayed = Vec::new();
            for id in ids(engine, id).await? {
                let delivery = engine.replay_dead_letter(id).await?;
                let outcome = if delivery.is_some() { Outcome::WhenOpen } else { Outcome::Unknown };
                replayed.push(Replayed { id, outcome });
            }
            Ok(replayed)
        })?,
    };
    let lines: Vec<String> = replayed.iter().map(describe).collect();
    match replayed.as_slice() {
        [] => Ok("There are no dead letters.".to_owned()),
        [Replayed { outcome: Outcome::Unknown, .. }] => Err(OperateError::Refused(lines.concat())),
        _ => Ok(lines.join("\n")),
    }
}

/// Answers a request to a running server.
pub(crate) async fn reply(engine: &Engine, clock: &dyn Clock, request: &Request) -> Reply {
    let answered = match request {
        Request::ReplayDeadLetters { id } => replay_open(engine, clock, *id).await.map(Reply::Replayed),
        _ => letters(engine).await.map(Reply::DeadLetters),
    };
    answered.unwrap_or_else(|error| Reply::Refused(error.to_string()))
}

async fn letters(engine: &Engine) -> Result<Vec<DeadLetterInfo>, ApiError> {
    Ok(engine.dead_letters().await?.into_iter().map(DeadLetterInfo::from).collect())
}

/// The number that is given, or the numbers of all dead letters.
async fn ids(engine: &Engine, id: Option<i64>) -> Result<Vec<i64>, ApiError> {
    match id {
        Some(id) => Ok(vec![id]),
        None => Ok(engine.dead_letters().await?.iter().map(|letter| letter.id).collect()),
    }
}

/// Puts all of them into the outbox first, so that they are delivered concurrently, then waits for each outcome.
async fn replay_open(engine: &Engine, clock: &dyn Clock, id: Option<i64>) -> Result<Vec<Replayed>, ApiError> {
    let known = engine.dead_letters().await?;
    let mut deliveries = Vec::new();
    for id in ids(engine, id).await? {
        deliveries.push((id, engine.replay_dead_letter(id).await?));
    }
    let until = clock.now() + OUTCOME_TIMEOUT;
    let mut replayed = Vec::new();
    for (id, delivery) in deliveries {
        let letter = known.iter().find(|letter| letter.id == id);
        let outcome = match (delivery, letter) {
            (Some(delivery), Some(letter)) => outcome(engine, clock, until, letter, delivery).await?,
            _ => Outcome::Unknown,
        };
        replayed.push(Replayed { id, outcome });
    }
    Ok(replayed)
}

async fn outcome(
    engine: &Engine,
    clock: &dyn Clock,
    until: Timestamp,
    letter: &DeadLetter,
    delivery: i64,
) -> Result<Outcome, ApiError> {
    loop {
        match engine.delivery(delivery).await? {
            None => break,
            Some(waiting) if waiting.attempts > 0 => {
                return Ok(Outcome::FailedAgain { next_attempt: waiting.next_attempt.rfc3339_millis() });
            }
            Some(_) if clock.now() >= until => return Ok(Outcome::UnderWay),
            Some(_) => time::sleep(clock, POLL_INTERVAL).await,
        }
    }
    // A delivery that was given up again has a higher number than all before.
    let again = engine.dead_letters().await?.into_iter().find(|other| {
        other.id > letter.id && (&other.event_id, &other.target_arn) == (&letter.event_id, &letter.target_arn)
    });
    Ok(again.map_or(Outcome::Delivered, |again| Outcome::GivenUpAgain { id: again.id, last_error: again.reason }))
}

fn describe(replayed: &Replayed) -> String {
    let id = replayed.id;
    match &replayed.outcome {
        Outcome::Unknown => format!("There is no dead letter {id}. `doppio dead-letters list` shows them."),
        Outcome::Delivered => format!("Dead letter {id} was delivered."),
        Outcome::FailedAgain { next_attempt } => {
            format!("Dead letter {id} has failed again. The next attempt is at {next_attempt}.")
        }
        Outcome::GivenUpAgain { id: new, last_error } => {
            format!("Dead letter {id} was given up again and is now dead letter {new}: {last_error}")
        }
        Outcome::UnderWay => format!("Dead letter {id} is being delivered; its target has not answered yet."),
        Outcome::WhenOpen => format!("Dead letter {id} will be delivered when the server starts."),
    }
}

/// Opens the data of a server that is not running for `work`. Nothing is delivered meanwhile.
fn with_stopped_server<T>(
    data_dir: &Path,
    clock: Arc<dyn Clock>,
    work: impl AsyncFnOnce(&Engine) -> Result<T, ApiError>,
) -> Result<T, OperateError> {
    let path = data_folder::database(data_dir);
    if !path.exists() {
        return Err(OperateError::Missing(path));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let options = Options { path: Some(path), clock, rng: Arc::new(SystemRng), ..Options::default() };
    let engine = Engine::open(options).map_err(|error: OpenError| out_of_reach(error))?;
    runtime.block_on(async {
        let done = work(&engine).await;
        engine.shutdown().await;
        Ok(done?)
    })
}
