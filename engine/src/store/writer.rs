//! The one thread that writes: drain, run, commit, answer.

use std::{
    path::Path,
    sync::{Arc, atomic::Ordering, mpsc},
    thread::{Builder, JoinHandle},
};

use rusqlite::Connection;

use crate::{
    clock::Clock,
    error::ApiError,
    store::{
        Counters, Signals,
        checkpoint::Log,
        job::{AfterCommit, Effects, Job, Work},
        open::{OpenError, OpenFile},
    },
};

/// Jobs of one commit. More would only make the first of them wait longer.
const MAX_BATCH: usize = 256;

/// Starts the thread; it finishes its queue and closes the file when the returned sender is dropped.
pub(crate) fn spawn(
    mut file: OpenFile,
    path: Option<&Path>,
    clock: Arc<dyn Clock>,
    signals: Arc<Signals>,
    counters: Arc<Counters>,
    threads: &mut Vec<JoinHandle<()>>,
) -> Result<mpsc::Sender<Box<dyn Job>>, OpenError> {
    let (sender, receiver) = mpsc::channel();
    let mut log = path.map(|path| Log::watch(path, &mut file.connection)).transpose()?;
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
    mut log: Option<&mut Log>,
) {
    while let Ok(first) = receiver.recv() {
        let mut batch = vec![first];
        while batch.len() < MAX_BATCH
            && let Ok(next) = receiver.try_recv()
        {
            batch.push(next);
        }
        turn(file, clock, signals, counters, batch);
        // After the answers: nobody waits for this.
        if let Some(log) = &mut log {
            log.committed(&file.connection);
        }
    }
}

/// Runs a batch, commits it, and answers.
pub(super) fn turn(
    file: &OpenFile,
    clock: &dyn Clock,
    signals: &Signals,
    counters: &Counters,
    mut batch: Vec<Box<dyn Job>>,
) {
    let jobs = u64::try_from(batch.len()).unwrap_or(u64::MAX);
    let mut outcome = commit(&file.connection, clock, &mut batch);
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
    for job in batch {
        job.answer(answer);
    }
    if let Ok((effects, _)) = &outcome {
        signal(signals, *effects);
    }
}

/// What is left to do for a batch after its commit.
type Done = (Effects, Vec<AfterCommit>);

/// Runs a batch in the open transaction; `None` when that must be rolled back.
type Run = fn(&Connection, &dyn Clock, &mut [Box<dyn Job>]) -> Result<Option<Done>, ApiError>;

/// Runs all jobs in one transaction. An `Err` means that none of them left a trace.
///
/// SQLite copies each page that changes within a savepoint, which took a twentieth of all processor time. So jobs run
/// without: should one of them fail after it has changed something, which is rare, all is rolled back, and all run
/// again, now each in a savepoint of its own.
fn commit(db: &Connection, clock: &dyn Clock, batch: &mut [Box<dyn Job>]) -> Result<Done, ApiError> {
    match attempt(db, clock, batch, run_trusting)? {
        Some(done) => Ok(done),
        None => attempt(db, clock, batch, run_apart).map(Option::unwrap_or_default),
    }
}

/// Runs the batch in a transaction, and commits it unless nothing came of it.
fn attempt(db: &Connection, clock: &dyn Clock, batch: &mut [Box<dyn Job>], run: Run) -> Result<Option<Done>, ApiError> {
    execute(db, "BEGIN IMMEDIATE")?;
    let attempt = run(db, clock, batch).and_then(|done| {
        execute(db, if done.is_some() { "COMMIT" } else { "ROLLBACK" })?;
        Ok(done)
    });
    if attempt.is_err() && !db.is_autocommit() {
        execute(db, "ROLLBACK")?;
    }
    attempt
}

/// Runs all jobs; `None` when one of them failed and left something behind.
fn run_trusting(db: &Connection, clock: &dyn Clock, batch: &mut [Box<dyn Job>]) -> Result<Option<Done>, ApiError> {
    let (mut effects, mut after_commit) = Done::default();
    for job in batch {
        let changes = db.total_changes();
        let work = Work::new(db, clock.now());
        let done = job.run(&work);
        check_open(db)?;
        if done {
            let (of_job, hooks) = work.done();
            effects = effects.merge(of_job);
            after_commit.extend(hooks);
        } else if db.total_changes() != changes {
            return Ok(None);
        }
    }
    Ok(Some((effects, after_commit)))
}

/// Runs each job in a savepoint, so that one that fails leaves nothing behind.
fn run_apart(db: &Connection, clock: &dyn Clock, batch: &mut [Box<dyn Job>]) -> Result<Option<Done>, ApiError> {
    let (mut effects, mut after_commit) = Done::default();
    for job in batch {
        execute(db, "SAVEPOINT job")?;
        let work = Work::new(db, clock.now());
        let done = job.run(&work);
        check_open(db)?;
        if done {
            let (of_job, hooks) = work.done();
            effects = effects.merge(of_job);
            after_commit.extend(hooks);
        } else {
            execute(db, "ROLLBACK TO job")?;
        }
        execute(db, "RELEASE job")?;
    }
    Ok(Some((effects, after_commit)))
}

/// A full disk or an input/output error makes SQLite roll back everything by itself.
fn check_open(db: &Connection) -> Result<(), ApiError> {
    if db.is_autocommit() {
        return Err(ApiError::internal("the store gave up the whole transaction; is the disk full?"));
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
