//! The writer thread: collects waiting jobs, runs them, commits, and answers the callers.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, atomic::Ordering, mpsc},
    thread::{Builder, JoinHandle},
};

use rusqlite::Connection;

use crate::{
    clock::Clock,
    error::{ApiError, Outage},
    store::{
        allowance::Allowance,
        checkpoint::WalCheckpoints,
        counters::Counters,
        job::{AfterCommit, Effects, Job, JobContext},
        open::OpenFile,
        open_error::OpenError,
        signals::Signals,
    },
};

/// Maximum number of jobs in one commit. More would only make the first of them wait longer.
const MAX_BATCH: usize = 256;

/// Starts the thread. When the returned sender is dropped, it finishes its queue and closes the file.
pub(crate) fn spawn(
    mut file: OpenFile,
    path: Option<&Path>,
    clock: Arc<dyn Clock>,
    signals: Arc<Signals>,
    counters: Arc<Counters>,
    threads: &mut Vec<JoinHandle<()>>,
) -> Result<mpsc::Sender<Box<dyn Job>>, OpenError> {
    let (sender, receiver) = mpsc::channel();
    let mut log = path.map(|path| WalCheckpoints::start(path, &mut file.connection)).transpose()?;
    let thread = Builder::new()
        .name("engine-writer".to_owned())
        .spawn(move || {
            run(&file, &*clock, &signals, &counters, &receiver, log.as_mut());
            drop(log);
            file.close();
        })
        .map_err(OpenError::Thread)?;
    threads.push(thread);
    Ok(sender)
}

fn run(
    file: &OpenFile,
    clock: &dyn Clock,
    signals: &Signals,
    counters: &Counters,
    receiver: &mpsc::Receiver<Box<dyn Job>>,
    mut log: Option<&mut WalCheckpoints>,
) {
    let mut waiting = VecDeque::new();
    loop {
        if waiting.is_empty() {
            match receiver.recv() {
                Ok(first) => waiting.push_back(first),
                Err(mpsc::RecvError) => return,
            }
        }
        while waiting.len() < MAX_BATCH
            && let Ok(next) = receiver.try_recv()
        {
            waiting.push_back(next);
        }
        run_batch(file, clock, signals, counters, &mut waiting);
        // After the answers, so that no caller waits for it.
        if let Some(log) = &mut log {
            log.committed(&file.connection);
        }
    }
}

/// Runs jobs from the front of the queue until all have run or the commit has used up its allowance, commits, and
/// answers the callers. Jobs that did not run stay in the queue.
pub(super) fn run_batch(
    file: &OpenFile,
    clock: &dyn Clock,
    signals: &Signals,
    counters: &Counters,
    waiting: &mut VecDeque<Box<dyn Job>>,
) {
    let changes = file.connection.total_changes();
    let (ran, mut outcome) = commit(&file.connection, clock, waiting.make_contiguous());
    let of_jobs = waiting.iter().take(ran).find_map(|job| job.outage());
    let of_commit = outcome.as_ref().err().map(|error| error.outage.unwrap_or(Outage::Refused));
    match of_jobs.or(of_commit) {
        Some(outage) => counters.health.failed(clock.now(), outage),
        None if file.connection.total_changes() != changes => counters.health.record_success(),
        None => {}
    }
    let jobs = u64::try_from(ran).unwrap_or(u64::MAX);
    if outcome.is_ok() {
        counters.commits.fetch_add(1, Ordering::Relaxed);
        counters.jobs.fetch_add(jobs, Ordering::Relaxed);
    }
    if let Ok((_, after_commit)) = &mut outcome {
        for work in after_commit.drain(..) {
            work();
        }
    }
    if let Err(error) = &outcome {
        tracing::error!(%error, jobs, "the commit failed; all its jobs are rolled back");
    }
    let answer = outcome.as_ref().map(|_| ());
    for job in waiting.drain(..ran) {
        job.answer(answer);
    }
    if let Ok((effects, _)) = &outcome {
        signal(signals, *effects);
    }
}

/// What is left to do for a batch after its commit.
type BatchEffects = (Effects, Vec<AfterCommit>);

/// Runs jobs in the open transaction and counts them. `None` if the transaction must be rolled back.
type RunJobs = fn(&Connection, &dyn Clock, &mut [Box<dyn Job>], &mut usize) -> Result<Option<BatchEffects>, ApiError>;

/// Runs jobs in one transaction until its allowance is spent; returns how many. After an `Err` all of them are rolled
/// back.
///
/// SQLite copies each page that changes within a savepoint, which took a twentieth of all processor time. So jobs run
/// without savepoints. In the rare case that one fails after it has changed something, everything is rolled back and
/// all run again, each in its own savepoint.
fn commit(db: &Connection, clock: &dyn Clock, waiting: &mut [Box<dyn Job>]) -> (usize, Result<BatchEffects, ApiError>) {
    let mut ran = 0;
    let first = attempt(db, clock, waiting, run_without_savepoints, &mut ran);
    let outcome = match first {
        Ok(Some(done)) => Ok(done),
        Ok(None) => {
            let again = waiting.get_mut(..ran).unwrap_or_default();
            attempt(db, clock, again, run_with_savepoints, &mut ran).map(Option::unwrap_or_default)
        }
        Err(error) => Err(error),
    };
    // If the transaction cannot begin, the first job gets the error.
    (ran.max(1), outcome)
}

/// Runs jobs in a transaction, and commits it unless `run` asks for a rollback.
fn attempt(
    db: &Connection,
    clock: &dyn Clock,
    waiting: &mut [Box<dyn Job>],
    run: RunJobs,
    ran: &mut usize,
) -> Result<Option<BatchEffects>, ApiError> {
    execute(db, "BEGIN IMMEDIATE")?;
    let attempt = run(db, clock, waiting, ran).and_then(|done| {
        execute(db, if done.is_some() { "COMMIT" } else { "ROLLBACK" })?;
        Ok(done)
    });
    if attempt.is_err() && !db.is_autocommit() {
        execute(db, "ROLLBACK")?;
    }
    attempt
}

/// Runs jobs until the allowance is spent; `None` if one of them failed and left changes behind.
fn run_without_savepoints(
    db: &Connection,
    clock: &dyn Clock,
    waiting: &mut [Box<dyn Job>],
    ran: &mut usize,
) -> Result<Option<BatchEffects>, ApiError> {
    let (mut effects, mut after_commit) = BatchEffects::default();
    let allowance = Allowance::new(clock);
    *ran = 0;
    for job in waiting {
        if *ran > 0 && allowance.is_spent() {
            break;
        }
        *ran += 1;
        let changes = db.total_changes();
        let context = JobContext::new(db, &allowance);
        let done = job.run(&context);
        check_open(db)?;
        if done {
            let (of_job, hooks) = context.into_effects();
            effects = effects.merge(of_job);
            after_commit.extend(hooks);
        } else if db.total_changes() != changes {
            return Ok(None);
        }
    }
    Ok(Some((effects, after_commit)))
}

/// Runs jobs until the allowance is spent, each in a savepoint, so that a job that fails leaves no changes behind.
fn run_with_savepoints(
    db: &Connection,
    clock: &dyn Clock,
    waiting: &mut [Box<dyn Job>],
    ran: &mut usize,
) -> Result<Option<BatchEffects>, ApiError> {
    let (mut effects, mut after_commit) = BatchEffects::default();
    let allowance = Allowance::new(clock);
    *ran = 0;
    for job in waiting {
        if *ran > 0 && allowance.is_spent() {
            break;
        }
        *ran += 1;
        execute(db, "SAVEPOINT job")?;
        let context = JobContext::new(db, &allowance);
        let done = job.run(&context);
        check_open(db)?;
        if done {
            let (of_job, hooks) = context.into_effects();
            effects = effects.merge(of_job);
            after_commit.extend(hooks);
        } else {
            execute(db, "ROLLBACK TO job")?;
        }
        execute(db, "RELEASE job")?;
    }
    Ok(Some((effects, after_commit)))
}

/// On a full disk or an I/O error SQLite rolls back the whole transaction itself.
fn check_open(db: &Connection) -> Result<(), ApiError> {
    if db.is_autocommit() {
        return Err(ApiError::internal("SQLite rolled back the whole transaction; is the disk full?"));
    }
    Ok(())
}

fn execute(db: &Connection, sql: &str) -> Result<(), ApiError> {
    db.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn signal(signals: &Signals, effects: Effects) {
    if effects.outbox {
        signals.outbox.send_modify(|count| *count = count.wrapping_add(1));
    }
    if let Some(due) = effects.deadline {
        signals.deadline.send_if_modified(|earliest| {
            let earlier = earliest.is_none_or(|known| due < known);
            if earlier {
                *earliest = Some(due);
            }
            earlier
        });
    }
}
