//! A restore: the store becomes what a backup holds, and what it was is kept beside it.
//!
//! A store is up to three files (the database, its write-ahead log and the log's index), and no file system renames three
//! files at once. So a restore has one moment that decides: the checked copy of the backup gets the name
//! `<store>.restored-<time>`. A crash before it leaves the old store untouched. A crash after it is made good by whoever
//! takes the lock next, through [`finish`]: it moves the old store and its log aside, then gives the copy the store's
//! name. Each of these steps may be repeated, and nobody opens the store before they are all done.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use crate::{
    clock::Timestamp,
    store::{
        check::{self, Flaw},
        files::{
            Scratch, beside, create_private, folder_of, is_full, is_same_file, make_folder_of, remove, rename,
            rename_if_there, sync_file, sync_folder_of,
        },
        lock::Lock,
        schema::Schema,
    },
};

/// Behind the store's name: the copy that is being checked, the checked copy, and the store that was there before.
const STAGING: &str = ".restoring";
const RESTORED: &str = ".restored-";
const BEFORE: &str = ".before-";

/// Why nothing was restored. The store is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is no such file.
    #[error("{} is not there.", .0.display())]
    Missing(PathBuf),
    /// Somebody writes to it.
    #[error("{} is in use by a running bar. Make a backup of it with `doppio backup`, and restore that.", .0.display())]
    InUse(PathBuf),
    /// It is not a whole store of ours.
    #[error("{} cannot be restored: {flaw}. Nothing was changed.", path.display())]
    Flawed {
        /// The backup.
        path: PathBuf,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// There is no room for it.
    #[error("there is no room beside {} for the backup, and nothing was changed. Make room on that disk.", .0.display())]
    Full(PathBuf),
    /// A file cannot be read or written.
    #[error("{} could not be restored, and nothing was changed: {source}.", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A backup that was copied beside the store and checked. Dropping it removes the copy.
#[derive(Debug)]
pub struct Staged {
    store: PathBuf,
    copy: Scratch,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the store that was there before is kept; `None` when there was none.
    pub kept: Option<PathBuf>,
}

/// Copies the backup `from` beside the store at `store` and checks the copy; the store may be in use meanwhile. The
/// backup itself is only read.
///
/// # Errors
/// [`RestoreError`] says why it cannot be restored; then nothing of the copy is left.
pub(crate) fn stage(store: &Path, from: &Path, schema: Schema) -> Result<Staged, RestoreError> {
    let io = |source| match is_full(&source) {
        true => RestoreError::Full(store.to_owned()),
        false => RestoreError::Io { path: from.to_owned(), source },
    };
    if !from.is_file() {
        return Err(RestoreError::Missing(from.to_owned()));
    }
    // Before anything is opened: this process may have the store open.
    for own in ["", "-wal", "-shm", ".lock"] {
        for given in [from, &beside(from, "-wal")] {
            if is_same_file(given, &beside(store, own)).map_err(io)? {
                return Err(RestoreError::InUse(from.to_owned()));
            }
        }
    }
    if Lock::is_taken(from).map_err(io)? {
        return Err(RestoreError::InUse(from.to_owned()));
    }
    make_folder_of(store).map_err(io)?;
    let (copy, mut file) = Scratch::make(beside(store, STAGING)).map_err(io)?;
    io::copy(&mut File::open(from).map_err(io)?, &mut file).map_err(io)?;
    drop(file);
    // What a crashed process left has its newest changes in the log.
    let log = beside(from, "-wal");
    if log.is_file() {
        let mut file = create_private(&beside(copy.path(), "-wal")).map_err(io)?;
        io::copy(&mut File::open(log).map_err(io)?, &mut file).map_err(io)?;
    }
    settle(copy.path(), schema).map_err(|flaw| match flaw {
        Flaw::Full => RestoreError::Full(store.to_owned()),
        flaw => RestoreError::Flawed { path: from.to_owned(), flaw },
    })?;
    sync_file(copy.path()).map_err(io)?;
    Ok(Staged { store: store.to_owned(), copy })
}

/// Checks the copy, folds its log in, and brings it up to date.
fn settle(copy: &Path, schema: Schema) -> Result<(), Flaw> {
    let db = Connection::open(copy)?;
    let format = check::format(&db, schema)?;
    check::integrity(&db)?;
    // One file, without a log that would have to be renamed with it.
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
    /// Puts the copy in the place of the store, which nobody may have open: `lock` is that of the store. `now` is the
    /// time in the name under which the store that was there is kept.
    ///
    /// # Errors
    /// The folder cannot be written. The store is then still the old one, or the next start makes it the new one.
    pub fn install(self, _lock: &Lock, now: Timestamp) -> Result<Restored, RestoreError> {
        let io = |source| RestoreError::Io { path: self.store.clone(), source };
        let time = unused(&self.store, now);
        rename(self.copy.path(), &beside(&self.store, &format!("{RESTORED}{time}"))).map_err(io)?;
        sync_folder_of(&self.store).map_err(io)?;
        finish(&self.store).map_err(io)
    }
}

/// Finishes a restore whose moment has passed, and removes the copy of one whose moment has not come. Whoever has the
/// lock calls it before the store is opened; mostly there is nothing to do.
pub(super) fn finish(store: &Path) -> io::Result<Restored> {
    let mut kept = None;
    for (pending, time) in pending(store)? {
        let before = beside(store, &format!("{BEFORE}{time}"));
        rename_if_there(store, &before)?;
        rename_if_there(&beside(store, "-wal"), &beside(&before, "-wal"))?;
        // The index of the log; SQLite makes it anew.
        remove(&beside(store, "-shm"))?;
        sync_folder_of(store)?;
        rename(&pending, store)?;
        sync_folder_of(store)?;
        if fs::exists(&before)? {
            tracing::info!(kept = %before.display(), "a backup was restored; what was there before is kept");
            kept = Some(before);
        }
    }
    Scratch::clear(&beside(store, STAGING))?;
    Ok(Restored { kept })
}

/// The checked copies that wait for the store's name, with the time in theirs. There is one at most, unless somebody put
/// another there.
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

/// The time as it is written in the names, with a number behind it when there were several restores in one second.
fn unused(store: &Path, now: Timestamp) -> String {
    let time = now.rfc3339_seconds().replace([':', '-'], "");
    let taken = |time: &str| {
        [RESTORED, BEFORE].iter().any(|kind| fs::exists(beside(store, &format!("{kind}{time}"))).unwrap_or(true))
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
