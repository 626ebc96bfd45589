//! The log of the process, in memory.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

/// What was logged. A process has one log, so a test that uses this needs a process of its own.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Starts the log of this process with a filter such as `info,server=debug`.
    pub(crate) fn start(filter: &str) -> Self {
        let log = Self::default();
        let writer = log.clone();
        server::start_log_to(filter, move || writer.clone(), false);
        log
    }

    /// Everything that was logged and not yet taken.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Takes everything that was logged since the last call.
    pub(crate) fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}
