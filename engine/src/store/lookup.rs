//! Connections for reads of a few rows by their keys, made on the thread that asks.
//!
//! Such a read takes some ten microseconds; handing it to another thread and waiting for the answer takes longer, and
//! costs the machine twice the time.

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
    store::{job::guarded, open::reader_connection, open_error::OpenError, reader::snapshot},
};

/// As many as there are usually threads that serve requests. When all are in use, one waits some microseconds.
const CONNECTIONS: usize = 4;

/// The connections.
#[derive(Debug)]
pub(crate) struct Lookups {
    connections: Vec<Mutex<Connection>>,
    /// Where to look first, so that not all look at the same one.
    next: AtomicUsize,
}

impl Lookups {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let connections = (0..CONNECTIONS).map(|_| reader_connection(path).map(Mutex::new));
        Ok(Self { connections: connections.collect::<Result<_, _>>()?, next: AtomicUsize::new(0) })
    }

    /// Runs `work` on a snapshot, here and now.
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
        guarded(|| snapshot(&connection, work))
    }
}
