//! A store without threads: each job runs where it is handed in. Only the order of the calls decides the order of the
//! commits, so a simulation gives the same result each time.

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
    static IS_INLINE: Cell<bool> = const { Cell::new(false) };
}

/// Runs `open`; stores that it opens have no threads.
pub(crate) fn without_threads<T>(open: impl FnOnce() -> T) -> T {
    IS_INLINE.set(true);
    let opened = open();
    IS_INLINE.set(false);
    opened
}

pub(super) fn is_inline() -> bool {
    IS_INLINE.get()
}

/// The file, and the state that the writer's thread would own.
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
        // A simulation need not survive a crash of the machine.
        file.connection.pragma_update(None, "synchronous", "OFF")?;
        Ok(Self { file: Mutex::new(Some(file)), clock, signals, counters })
    }

    pub(super) fn run(&self, job: Box<dyn Job>) -> Result<(), ApiError> {
        match &*self.file.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(file) => {
                writer::run_batch(file, &*self.clock, &self.signals, &self.counters, &mut VecDeque::from([job]));
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
