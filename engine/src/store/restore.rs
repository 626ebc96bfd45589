//! Restores: the store is replaced by a backup, and the old store is kept next to it.
//!
//! A store has up to three files (the database, its write-ahead log and the log's index), and no file system renames
//! three files at once. So a restore has one commit point: the rename of the checked copy to `<store>.restored-<time>`.
//! A crash before it leaves the old store untouched. After a crash behind it, [`finish`] completes the restore before
//! the store is opened: it moves the old store and its log aside, then gives the copy the store's name. Each of these
//! steps can be repeated.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use crate::{
    clock::Timestamp,
    store::{
        check::{self, CheckError},
        files::{
            TempFile, create_folder_of, create_private, folder_of, is_full, is_same_file, remove, rename,
            rename_if_exists, sync_file, sync_folder_of, with_suffix,
        },
        lock::Lock,
        schema::Schema,
    },
};

/// Suffixes of the store's name: the copy that is being checked, the checked copy, and the old store.
const STAGING: &str = ".restoring";
const RESTORED: &str = ".restored-";
const BEFORE: &str = ".before-";

/// Why nothing was restored. The store is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is no such file.
    #[error("{} is not there.", .0.display())]
    Missing(PathBuf),
    /// A running process writes to the file.
    #[error("{} is in use by a running bar. Make a backup of it with `doppio backup`, and restore that.", .0.display())]
    InUse(PathBuf),
    /// The file is not an intact store of this engine.
    #[error("{} cannot be restored: {reason}. Nothing was changed.", path.display())]
    Invalid {
        /// The backup.
        path: PathBuf,
        /// What is wrong with it.
        reason: CheckError,
    },
    /// The disk has no room for the copy.
    #[error("the disk has no room beside {} for the backup. Nothing was changed. Make room on that disk.", .0.display())]
    Full(PathBuf),
    /// A file cannot be read or written.
    #[error("{} could not be restored, and nothing was changed: {source}.", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// A checked copy of a backup, next to the store. Dropping it removes the copy.
#[derive(Debug)]
pub struct Staged {
    store: PathBuf,
    copy: TempFile,
}

/// The result of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the old store is kept; `None` if there was none.
    pub kept: Option<PathBuf>,
}

/// See [`crate::backup::stage`].
pub(crate) fn stage(store: &Path, from: &Path, schema: Schema) -> Result<Staged, RestoreError> {
    let io = |source| match is_full(&source) {
        true => RestoreError::Full(store.to_owned()),
        false => RestoreError::Io { path: from.to_owned(), source },
    };
    if !from.is_file() {
        return Err(RestoreError::Missing(from.to_owned()));
    }
    // Before any file is opened: this process may have the store open.
    for own in ["", "-wal", "-shm", ".lock"] {
        for given in [from, &with_suffix(from, "-wal")] {
            if is_same_file(given, &with_suffix(store, own)).map_err(io)? {
                return Err(RestoreError::InUse(from.to_owned()));
            }
        }
    }
    if Lock::is_locked(from).map_err(io)? {
        return Err(RestoreError::InUse(from.to_owned()));
    }
    create_folder_of(store).map_err(io)?;
    let (copy, mut file) = TempFile::create(with_suffix(store, STAGING)).map_err(io)?;
    io::copy(&mut File::open(from).map_err(io)?, &mut file).map_err(io)?;
    drop(file);
    // After a crash the newest changes are in the log.
    let log = with_suffix(from, "-wal");
    if log.is_file() {
        let mut file = create_private(&with_suffix(copy.path(), "-wal")).map_err(io)?;
        io::copy(&mut File::open(log).map_err(io)?, &mut file).map_err(io)?;
    }
    check_and_migrate(copy.path(), schema).map_err(|reason| match reason {
        CheckError::Full => RestoreError::Full(store.to_owned()),
        reason => RestoreError::Invalid { path: from.to_owned(), reason },
    })?;
    sync_file(copy.path()).map_err(io)?;
    Ok(Staged { store: store.to_owned(), copy })
}

/// Checks the copy, merges its log into it, and migrates it.
fn check_and_migrate(copy: &Path, schema: Schema) -> Result<(), CheckError> {
    let db = Connection::open(copy)?;
    let format = check::format(&db, schema)?;
    check::integrity(&db)?;
    // A single file, without a log that would have to be renamed with it.
    db.pragma_update(None, "journal_mode", "DELETE")?;
    if format < schema.version() {
        check::upgrade(&db, format, schema)?;
    } else {
        check::contents(&db, schema)?;
    }
    db.close().map_err(|(_, error)| error)?;
    Ok(())
}

impl Staged {
    /// Replaces the store with the copy. No process may have the store open: `lock` is the store's lock. The name of
    /// the kept old store contains the time `now`.
    ///
    /// # Errors
    /// The folder cannot be written. Either the store is still the old one, or the next start completes the restore.
    pub fn install(self, _lock: &Lock, now: Timestamp) -> Result<Restored, RestoreError> {
        let io = |source| RestoreError::Io { path: self.store.clone(), source };
        let time = unused_suffix(&self.store, now);
        rename(self.copy.path(), &with_suffix(&self.store, &format!("{RESTORED}{time}"))).map_err(io)?;
        sync_folder_of(&self.store).map_err(io)?;
        finish(&self.store).map_err(io)
    }
}

/// Completes a restore that passed its commit point, and removes the copy of one that did not. The holder of the lock
/// calls it before it opens the store; usually there is nothing to do.
pub(super) fn finish(store: &Path) -> io::Result<Restored> {
    let mut old_store = None;
    for (pending, time) in pending(store)? {
        let before = with_suffix(store, &format!("{BEFORE}{time}"));
        rename_if_exists(store, &before)?;
        rename_if_exists(&with_suffix(store, "-wal"), &with_suffix(&before, "-wal"))?;
        // The index of the log; SQLite creates it again.
        remove(&with_suffix(store, "-shm"))?;
        sync_folder_of(store)?;
        rename(&pending, store)?;
        sync_folder_of(store)?;
        if fs::exists(&before)? {
            tracing::info!(kept = %before.display(), "a backup was restored; the old store is kept");
            old_store = Some(before);
        }
    }
    TempFile::remove(&with_suffix(store, STAGING))?;
    Ok(Restored { kept: old_store })
}

/// The checked copies that have passed the commit point, with the time in their names. There is at most one, unless
/// somebody put another there.
fn pending(store: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let Some(name) = store.file_name() else { return Ok(Vec::new()) };
    let prefix = format!("{}{RESTORED}", name.to_string_lossy());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder_of(store))? {
        let entry = entry?;
        if let Some(time) = entry.file_name().to_str().and_then(|name| name.strip_prefix(&prefix)) {
            found.push((entry.path(), time.to_owned()));
        }
    }
    found.sort();
    Ok(found)
}

/// The time for the file names, with a number appended if there were several restores in one second.
fn unused_suffix(store: &Path, now: Timestamp) -> String {
    let time = now.rfc3339_seconds().replace([':', '-'], "");
    let taken = |time: &str| {
        [RESTORED, BEFORE].iter().any(|kind| fs::exists(with_suffix(store, &format!("{kind}{time}"))).unwrap_or(true))
    };
    let mut name = time.clone();
    let mut number = 2;
    while taken(&name) {
        name = format!("{time}-{number}");
        number += 1;
    }
    name
}

#[cfg(test)]
mod tests;
