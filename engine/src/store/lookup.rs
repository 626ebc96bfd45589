//! Connections for reads of a few rows by key, which run on the caller's thread.
//!
//! Such a read takes about ten microseconds. Handing it to another thread and waiting for the answer takes longer and
//! costs twice the processor time.

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use rusqlite::Connection;

use crate::{
    error::ApiError,
    store::{job::catch_panics, open::reader_connection, open_error::OpenError, reader::snapshot},
};

/// As many as there usually are threads that serve requests. When all are in use, a caller waits some microseconds.
const CONNECTIONS: usize = 4;

/// A fixed pool of read connections.
#[derive(Debug)]
pub(crate) struct Lookups {
    connections: Vec<Mutex<Connection>>,
    /// Where the search for a free connection begins, so that callers do not all try the same one.
    next: AtomicUsize,
}

impl Lookups {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let connections = (0..CONNECTIONS).map(|_| reader_connection(path).map(Mutex::new));
        Ok(Self { connections: connections.collect::<Result<_, _>>()?, next: AtomicUsize::new(0) })
    }

    /// Runs `work` on a snapshot, on this thread.
    pub(crate) fn run<T>(&self, work: impl FnOnce(&Connection) -> Result<T, ApiError>) -> Result<T, ApiError> {
        let first = self.next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS;
        let mut in_turn = self.connections.iter().cycle().skip(first).take(CONNECTIONS);
        let free = in_turn.find_map(|connection| connection.try_lock().ok());
        let connection = match free {
            Some(connection) => connection,
            None => match self.connections.get(first) {
                Some(connection) => connection.lock().unwrap_or_else(PoisonError::into_inner),
                None => return Err(ApiError::internal("the store has no connection to read with")),
            },
        };
        catch_panics(|| snapshot(&connection, work))
    }
}
