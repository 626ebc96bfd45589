//! Backups: a consistent copy of the store in one file, made while the store is in use.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::{
    check::{self, CheckError},
    files::{
        TempFile, files_of, folder_of, is_full, is_same_file, rename, rename_to_new, sync_file, sync_folder_of,
        with_suffix,
    },
    lock::Lock,
    open::reader_connection,
    open_error::OpenError,
    restore,
    schema::Schema,
};

/// A backup that was written, verified and synced to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// Its size in bytes.
    pub bytes: u64,
    /// The format version of the store.
    pub format: i64,
}

/// Why there is no backup. An existing file of that name is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no store at this path.
    #[error("{} is not there, so there is nothing to back up. Name the data folder with --data-dir.", .0.display())]
    Missing(PathBuf),
    /// The file exists already.
    #[error("{} exists and was left as it is. Choose another name, or use --replace.", .0.display())]
    Exists(PathBuf),
    /// The path is one of the store's own files, or of those that it may create.
    #[error(
        "{} is a file of the data itself, so no backup is written there. Nothing was changed. Choose a file outside of \
         the data folder.",
        .0.display()
    )]
    OwnFile(PathBuf),
    /// The store cannot be read.
    #[error("{} cannot be backed up: {reason}.", path.display())]
    Store {
        /// The store.
        path: PathBuf,
        /// What is wrong with it.
        reason: CheckError,
    },
    /// The written copy failed verification.
    #[error("the backup was written, but its check failed: {reason}. It was removed: try another disk.")]
    Copy {
        /// What is wrong with it.
        reason: CheckError,
    },
    /// The disk has no room for the backup.
    #[error("the disk has no room for the backup {}. The partial file was removed.", .0.display())]
    Full(PathBuf),
    /// The path exists and is not a regular file: a folder, a device, a pipe.
    #[error("{} is not a file. Give the backup another name; it is written beside its name and then renamed.", .0.display())]
    NotAFile(PathBuf),
    /// The backup cannot be written.
    #[error("{} cannot be written: {source}.", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// See [`crate::backup::back_up`].
pub(crate) fn back_up(store: &Path, to: &Path, replace: bool, schema: Schema) -> Result<Backup, BackupError> {
    let io = |source| match is_full(&source) {
        true => BackupError::Full(to.to_owned()),
        false => BackupError::Io { path: to.to_owned(), source },
    };
    if is_own_file(store, to).map_err(io)? {
        return Err(BackupError::OwnFile(to.to_owned()));
    }
    // Finish a restore that a crash interrupted. While a process holds the lock there is none.
    if let Ok(_lock) = with_folder(store).and_then(Lock::take) {
        restore::finish(store).map_err(|source| BackupError::Io { path: store.to_owned(), source })?;
    }
    if !fs::exists(store).unwrap_or(false) {
        return Err(BackupError::Missing(store.to_owned()));
    }
    match fs::metadata(to) {
        // Renaming over a device such as /dev/null would replace it with a file.
        Ok(metadata) if !metadata.is_file() => return Err(BackupError::NotAFile(to.to_owned())),
        Ok(_) if !replace => return Err(BackupError::Exists(to.to_owned())),
        Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(io(source)),
        Ok(_) | Err(_) => {}
    }
    let (temp_file, _) = TempFile::create(with_suffix(to, ".partial")).map_err(io)?;
    let format = copy(store, temp_file.path(), schema)?;
    let bytes = verify(temp_file.path(), schema).map_err(|reason| BackupError::Copy { reason })?;
    sync_file(temp_file.path()).map_err(io)?;
    match replace {
        true => rename(temp_file.path(), to).map_err(io)?,
        false => rename_to_new(temp_file.path(), to).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
            _ => io(source),
        })?,
    }
    sync_folder_of(to).map_err(io)?;
    Ok(Backup { bytes, format })
}

/// Whether a backup at `to` would replace a file of the store, or be mistaken for one.
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

/// Taking the lock creates the folder, which must not happen if there is no store.
fn with_folder(store: &Path) -> Result<&Path, OpenError> {
    let source = io::Error::from(io::ErrorKind::NotFound);
    let missing = || OpenError::Io { path: store.to_owned(), source };
    store.parent().filter(|folder| folder.is_dir()).map(|_| store).ok_or_else(missing)
}

/// Copies everything in one read transaction; returns the format version of the store.
fn copy(store: &Path, to: &Path, schema: Schema) -> Result<i64, BackupError> {
    let invalid = |reason| BackupError::Store { path: store.to_owned(), reason };
    let db = reader_connection(store).map_err(|error| invalid(CheckError::Unreadable(error.to_string())))?;
    let format = check::format(&db, schema).map_err(invalid)?;
    db.execute("VACUUM INTO ?1", [to.to_string_lossy()]).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => BackupError::Full(to.to_owned()),
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => {
            BackupError::Io { path: to.to_owned(), source: io::Error::other(error) }
        }
        _ => invalid(error.into()),
    })?;
    Ok(format)
}

/// Reads the whole backup back; returns its size in bytes.
fn verify(path: &Path, schema: Schema) -> Result<u64, CheckError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    check::format(&db, schema)?;
    check::integrity(&db)?;
    fs::metadata(path).map(|metadata| metadata.len()).map_err(|error| CheckError::Unreadable(error.to_string()))
}
