//! One process for one store.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

use crate::store::{
    files::{beside, make_folder_of},
    open_error::{OpenError, in_files},
};

/// Keeps other processes from opening a store. The system frees it even when the process is killed.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl Lock {
    /// Takes the lock of the store at `path`, whose folder is made when absent.
    ///
    /// # Errors
    /// Another process has the store, or the folder cannot be written.
    pub fn take(path: &Path) -> Result<Self, OpenError> {
        let io = |source| in_files(path, source);
        make_folder_of(path).map_err(io)?;
        let name = beside(path, ".lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(name).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }

    /// Whether a process has the store at `path` open; false when nobody ever had.
    pub(super) fn is_taken(path: &Path) -> io::Result<bool> {
        let file = match File::open(beside(path, ".lock")) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
