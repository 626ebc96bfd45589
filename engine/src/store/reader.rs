//! The threads that read, each with a connection of its own.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{Builder, JoinHandle},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    error::ApiError,
    store::{job::guarded, open::reader_connection, open_error::OpenError},
};

/// Two are enough to keep a long scan from holding up the small reads on the two cores this is made for.
const READERS: usize = 2;

/// A read that waits for a thread.
pub(crate) type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

/// Makes a job of `work` that answers on `reply`.
pub(crate) fn job<T, F>(work: F, reply: oneshot::Sender<Result<T, ApiError>>) -> ReadJob
where
    T: Send + 'static,
    F: FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
{
    Box::new(move |db| {
        // A caller that went away does not want the answer.
        let _ = reply.send(guarded(|| snapshot(db, work)));
    })
}

/// Runs `work` inside one read transaction, so that all its statements see the same state.
pub(crate) fn snapshot<T>(
    db: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    // `unchecked` because the connection is shared by reference; this thread is the only one that uses it.
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
