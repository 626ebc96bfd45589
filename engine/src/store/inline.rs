//! A store without threads: each job runs where it is handed in. So nothing but the order of the calls decides the
//! order of the commits, and a simulation comes out the same each time.

use std::{
    cell::Cell,
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    clock::Clock,
    error::ApiError,
    store::{
        counters::Counters,
        job::{Job, closed},
        open::OpenFile,
        open_error::OpenError,
        signals::Signals,
        writer,
    },
};

thread_local! {
    static WANTED: Cell<bool> = const { Cell::new(false) };
}

/// Stores that `open` opens have no threads.
pub(crate) fn within<T>(open: impl FnOnce() -> T) -> T {
    WANTED.set(true);
    let opened = open();
    WANTED.set(false);
    opened
}

pub(super) fn is_wanted() -> bool {
    WANTED.get()
}

/// The file, and what the thread would have.
#[derive(Debug)]
pub(super) struct Inline {
    file: Mutex<Option<OpenFile>>,
    clock: Arc<dyn Clock>,
    signals: Arc<Signals>,
    counters: Arc<Counters>,
}

impl Inline {
    pub(super) fn new(
        file: OpenFile,
        clock: Arc<dyn Clock>,
        signals: Arc<Signals>,
        counters: Arc<Counters>,
    ) -> Result<Self, OpenError> {
        // No simulation survives its machine.
        file.connection.pragma_update(None, "synchronous", "OFF")?;
        Ok(Self { file: Mutex::new(Some(file)), clock, signals, counters })
    }

    pub(super) fn run(&self, job: Box<dyn Job>) -> Result<(), ApiError> {
        match &*self.file.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(file) => {
                writer::turn(file, &*self.clock, &self.signals, &self.counters, &mut VecDeque::from([job]));
                Ok(())
            }
            None => Err(closed()),
        }
    }

    pub(super) fn close(&self) {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).take();
        file.map(OpenFile::close).unwrap_or_default();
    }
}
