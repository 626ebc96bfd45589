//! The lock that lets only one process open a store.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

use crate::store::{
    files::{create_folder_of, with_suffix},
    open_error::{OpenError, io_error},
};

/// Keeps other processes from opening a store. The operating system releases it even when the process is killed.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl Lock {
    /// Takes the lock of the store at `path`; a missing folder is created.
    ///
    /// # Errors
    /// Another process holds the lock, or the folder cannot be written.
    pub fn take(path: &Path) -> Result<Self, OpenError> {
        let io = |source| io_error(path, source);
        create_folder_of(path).map_err(io)?;
        let name = with_suffix(path, ".lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(name).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }

    /// Whether a process holds the lock of the store at `path`; false if there is no lock file.
    pub(super) fn is_locked(path: &Path) -> io::Result<bool> {
        let file = match File::open(with_suffix(path, ".lock")) {
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
