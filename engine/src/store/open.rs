//! Opening the file: one process only, nothing damaged, nothing newer, nothing that is not ours.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use crate::{
    clock::Rng,
    error::ApiError,
    store::schema::{self, APPLICATION_ID, VERSION},
};

/// Files up to this size are checked page by page at start, which takes milliseconds; larger ones only when SQLite
/// meets a damaged page.
const FULL_CHECK_BYTES: u64 = 16 << 20;

/// The most memory for pages that the writer has seen. Executions and items have names in no order, so that a store of
/// a million orders would read a page from the system for each of them; it is only taken as the store grows.
const WRITER_CACHE_KIB: i64 = 32 * 1024;

/// How long a statement waits for another connection's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the store could not be opened. The file is left as it was found.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the file.
    #[error("{path} is in use by another process. Stop that one, or choose another data folder.", path = .0.display())]
    InUse(PathBuf),
    /// The file was written by a later release.
    #[error(
        "{path} was written by a newer release (its format is {found}, this release knows {VERSION}). \
         Start the newer release, or choose another data folder.",
        path = .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format version.
        found: i64,
    },
    /// The file is a database of something else.
    #[error("{path} is not a store of this engine. Choose another data folder.", path = .0.display())]
    Foreign(PathBuf),
    /// The file is damaged.
    #[error(
        "{path} is damaged ({what}). It was left untouched: restore it from a backup, or move it away to begin anew.",
        path = .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The file or its folder cannot be read or written.
    #[error("{path} cannot be opened: {source}. Check that the folder may be written.", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite refused for another reason.
    #[error("the store cannot be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The tables could not be made.
    #[error("the store cannot be prepared: {0}")]
    Schema(#[from] ApiError),
    /// The system gave no thread.
    #[error("the store's thread cannot be started: {0}")]
    Thread(io::Error),
}

/// The writer's connection and the lock that keeps other processes away.
#[derive(Debug)]
pub(crate) struct OpenFile {
    pub(crate) connection: Connection,
    /// Held as long as the file is open; the system frees it even when the process is killed.
    _lock: Option<File>,
}

impl OpenFile {
    /// Opens, checks and, when new, creates the store.
    pub(crate) fn open(path: Option<&Path>, rng: &dyn Rng) -> Result<Self, OpenError> {
        let Some(path) = path else {
            let connection = Connection::open_in_memory()?;
            schema::create(&connection, rng)?;
            return Ok(Self { connection, _lock: None });
        };
        let lock = lock(path)?;
        keep_private(path)?;
        let connection = Connection::open(path).map_err(|error| named(path, error))?;
        prepare(path, &connection, rng)?;
        Ok(Self { connection, _lock: Some(lock) })
    }

    /// Folds the write-ahead log into the file, so that a backup of the closed folder is one file.
    pub(crate) fn close(self) {
        if let Err(error) = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::warn!(%error, "the write-ahead log could not be folded in; the next start does it");
        }
        if let Err((_, error)) = self.connection.close() {
            tracing::warn!(%error, "the store did not close cleanly; nothing acknowledged is lost");
        }
    }
}

/// A connection that can only read.
pub(crate) fn reader_connection(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(256);
    keep_plans(&connection)?;
    Ok(connection)
}

/// Makes a new file readable by its owner only, because it holds task tokens; SQLite gives its log the same rights.
/// A file that exists keeps the rights it has.
fn keep_private(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(OpenError::Io { path: path.to_owned(), source }),
    }
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(PathBuf::from(name)).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// Looks before it writes: every check comes before the first statement that changes the file.
fn prepare(path: &Path, db: &Connection, rng: &dyn Rng) -> Result<(), OpenError> {
    let named = |error| named(path, error);
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(256);
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(named);
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let objects: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(named)?;
    let is_new = application == 0 && version == 0 && objects == 0;
    if !is_new {
        if application != APPLICATION_ID {
            return Err(OpenError::Foreign(path.to_owned()));
        }
        if version > VERSION {
            return Err(OpenError::Newer { path: path.to_owned(), found: version });
        }
        check_pages(path, db)?;
    }
    db.pragma_update(None, "journal_mode", "WAL").map_err(named)?;
    db.pragma_update(None, "synchronous", "FULL").map_err(named)?;
    db.pragma_update(None, "temp_store", "MEMORY").map_err(named)?;
    db.pragma_update(None, "cache_size", -WRITER_CACHE_KIB).map_err(named)?;
    keep_plans(db)?;
    if is_new {
        schema::create(db, rng)?;
    } else if version < VERSION {
        schema::upgrade(db, version)?;
        tracing::info!(path = %path.display(), from = version, to = VERSION, "the store was brought up to date");
    }
    Ok(())
}

/// Plans of statements do not depend on the values that are bound to them: otherwise SQLite plans some statements anew
/// each time, which took an eighth of the writer's time.
fn keep_plans(db: &Connection) -> Result<(), OpenError> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn check_pages(path: &Path, db: &Connection) -> Result<(), OpenError> {
    let bytes = fs::metadata(path).map_err(|source| OpenError::Io { path: path.to_owned(), source })?.len();
    if bytes > FULL_CHECK_BYTES {
        return Ok(());
    }
    let verdict: String =
        db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|error| named(path, error))?;
    if verdict == "ok" { Ok(()) } else { Err(OpenError::Damaged { path: path.to_owned(), what: verdict }) }
}

/// Tells damage from other refusals.
fn named(path: &Path, error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged { path: path.to_owned(), what: error.to_string() }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse(path.to_owned()),
        _ => OpenError::Sqlite(error),
    }
}
