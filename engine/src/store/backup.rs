//! A backup: a consistent copy of the store in one file, made while orders go on.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::{
    check::{self, Flaw},
    files::{
        Scratch, beside, files_of, folder_of, is_full, is_same_file, rename, rename_to_new, sync_file, sync_folder_of,
    },
    lock::Lock,
    open::reader_connection,
    open_error::OpenError,
    restore,
    schema::Schema,
};

/// A backup that was written, checked, and is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// Its size.
    pub bytes: u64,
    /// The format of the store.
    pub format: i64,
}

/// Why there is no backup. A file of that name is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no store.
    #[error("{} is not there, so there is nothing to back up. Name the data folder with --data-dir.", .0.display())]
    Missing(PathBuf),
    /// There is a file of that name.
    #[error("{} exists and was left as it is. Choose another name, or say --replace.", .0.display())]
    Exists(PathBuf),
    /// The name is one of the store's own files, or of those that it may make.
    #[error(
        "{} is a file of the data itself, so no backup is written there. Nothing was changed. Choose a file outside of \
         the data folder.",
        .0.display()
    )]
    OwnFile(PathBuf),
    /// The store cannot be read.
    #[error("{} cannot be backed up: {flaw}.", path.display())]
    Store {
        /// The store.
        path: PathBuf,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// The copy is not whole.
    #[error("the backup was written, but when it was read again {flaw}. It was removed: try another disk.")]
    Copy {
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// There is no room.
    #[error("there is no room for the backup {}. What was written of it is removed.", .0.display())]
    Full(PathBuf),
    /// Something that is not a file has that name: a folder, a device, a pipe.
    #[error("{} is not a file. Give the backup another name; it is written beside its name and then renamed.", .0.display())]
    NotAFile(PathBuf),
    /// A file cannot be written.
    #[error("{} cannot be written: {source}.", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Copies the store at `store` into the new file `to`, which only its owner may read. The store may be open, in this
/// process or another, and be written to meanwhile: the copy is what was true at one moment. The file has its name only
/// when all of it was read again and is on the disk. With `replace`, a file of that name is replaced.
///
/// # Errors
/// [`BackupError`] says why there is none; then nothing of it is left.
pub(crate) fn back_up(store: &Path, to: &Path, replace: bool, schema: Schema) -> Result<Backup, BackupError> {
    let io = |source| match is_full(&source) {
        true => BackupError::Full(to.to_owned()),
        false => BackupError::Io { path: to.to_owned(), source },
    };
    if is_own_file(store, to).map_err(io)? {
        return Err(BackupError::OwnFile(to.to_owned()));
    }
    // A restore that a crash interrupted is finished first. While somebody has the store there is none.
    if let Ok(_lock) = existing(store).and_then(Lock::take) {
        restore::finish(store).map_err(|source| BackupError::Io { path: store.to_owned(), source })?;
    }
    if !fs::exists(store).unwrap_or(false) {
        return Err(BackupError::Missing(store.to_owned()));
    }
    match fs::metadata(to) {
        // A rename would put a file in the place of a device such as /dev/null.
        Ok(metadata) if !metadata.is_file() => return Err(BackupError::NotAFile(to.to_owned())),
        Ok(_) if !replace => return Err(BackupError::Exists(to.to_owned())),
        Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(io(source)),
        Ok(_) | Err(_) => {}
    }
    let (scratch, _) = Scratch::make(beside(to, ".partial")).map_err(io)?;
    let format = copy(store, scratch.path(), schema)?;
    let bytes = verify(scratch.path(), schema).map_err(|flaw| BackupError::Copy { flaw })?;
    sync_file(scratch.path()).map_err(io)?;
    match replace {
        true => rename(scratch.path(), to).map_err(io)?,
        false => rename_to_new(scratch.path(), to).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
            _ => io(source),
        })?,
    }
    sync_folder_of(to).map_err(io)?;
    Ok(Backup { bytes, format })
}

/// Whether a backup with the name `to` would replace a file of the store, or be taken for one.
fn is_own_file(store: &Path, to: &Path) -> io::Result<bool> {
    for file in files_of(store)? {
        if is_same_file(&file, to)? {
            return Ok(true);
        }
    }
    let reserved = store.file_name().zip(to.file_name());
    let reserved = reserved.is_some_and(|(own, name)| name.as_encoded_bytes().starts_with(own.as_encoded_bytes()));
    Ok(reserved && is_same_file(folder_of(store), folder_of(to))?)
}

/// Taking the lock makes the folder, which must not happen where there is none.
fn existing(store: &Path) -> Result<&Path, OpenError> {
    let source = io::Error::from(io::ErrorKind::NotFound);
    let missing = || OpenError::Io { path: store.to_owned(), source };
    store.parent().filter(|folder| folder.is_dir()).map(|_| store).ok_or_else(missing)
}

/// Copies everything in one read transaction; returns the format of the store.
fn copy(store: &Path, to: &Path, schema: Schema) -> Result<i64, BackupError> {
    let flawed = |flaw| BackupError::Store { path: store.to_owned(), flaw };
    let db = reader_connection(store).map_err(|error| flawed(Flaw::Unreadable(error.to_string())))?;
    let format = check::format(&db, schema).map_err(flawed)?;
    db.execute("VACUUM INTO ?1", [to.to_string_lossy()]).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => BackupError::Full(to.to_owned()),
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => {
            BackupError::Io { path: to.to_owned(), source: io::Error::other(error) }
        }
        _ => flawed(error.into()),
    })?;
    Ok(format)
}

/// Reads all of a backup again; returns its size.
fn verify(path: &Path, schema: Schema) -> Result<u64, Flaw> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    check::format(&db, schema)?;
    check::integrity(&db)?;
    fs::metadata(path).map(|metadata| metadata.len()).map_err(|error| Flaw::Unreadable(error.to_string()))
}
