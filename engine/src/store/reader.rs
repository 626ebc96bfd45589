//! The reader threads, each with its own connection.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{Builder, JoinHandle},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    error::ApiError,
    store::{job::catch_panics, open::reader_connection, open_error::OpenError},
};

/// With two, a long scan does not delay small reads; the target machine has two cores.
const READERS: usize = 2;

/// A read that waits for a thread.
pub(crate) type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

/// Makes a job of `work` that sends its result to `reply`.
pub(crate) fn job<T, F>(work: F, reply: oneshot::Sender<Result<T, ApiError>>) -> ReadJob
where
    T: Send + 'static,
    F: FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
{
    Box::new(move |db| {
        // The caller may have gone away.
        let _ = reply.send(catch_panics(|| snapshot(db, work)));
    })
}

/// Runs `work` in one read transaction, so that all its statements see the same state.
pub(crate) fn snapshot<T>(
    db: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    // `unchecked` because the connection is a shared reference; this thread is the only one that uses it.
    let transaction = db.unchecked_transaction()?;
    let result = work(&transaction);
    transaction.finish()?;
    result
}

/// Starts the threads; they end when the returned sender is dropped.
pub(crate) fn spawn(path: &Path, threads: &mut Vec<JoinHandle<()>>) -> Result<mpsc::Sender<ReadJob>, OpenError> {
    let (sender, receiver) = mpsc::channel::<ReadJob>();
    let receiver = Arc::new(Mutex::new(receiver));
    for number in 1..=READERS {
        let db = reader_connection(path)?;
        let receiver = Arc::clone(&receiver);
        let thread = Builder::new()
            .name(format!("engine-reader-{number}"))
            .spawn(move || {
                loop {
                    let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = next else { return };
                    job(&db);
                }
            })
            .map_err(OpenError::Thread)?;
        threads.push(thread);
    }
    Ok(sender)
}
