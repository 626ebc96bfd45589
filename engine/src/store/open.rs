//! Opening the file: one process only, nothing damaged, nothing newer, nothing that is not ours.

use std::{fs, io, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use crate::{
    clock::Rng,
    error::ApiError,
    store::{
        check::{self, Flaw},
        files::{beside, create_private, has_room},
        lock::Lock,
        open_error::{OpenError, in_files},
        restore,
        schema::{APPLICATION_ID, Schema},
    },
};

/// Files up to this size are checked page by page at start, which takes milliseconds; larger ones only when SQLite
/// meets a damaged page.
const FULL_CHECK_BYTES: u64 = 16 << 20;

/// The most memory for pages that the writer has seen. Executions and items have names in no order, so that a store of
/// a million orders would read a page from the system for each of them; it is only taken as the store grows.
const WRITER_CACHE_KIB: i64 = 64 * 1024;

/// How long a statement waits for another connection's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The writer's connection and the lock that keeps other processes away.
#[derive(Debug)]
pub(crate) struct OpenFile {
    pub(crate) connection: Connection,
    _lock: Option<Lock>,
}

impl OpenFile {
    /// Opens, checks and, when new, creates the store.
    pub(crate) fn open(path: Option<&Path>, rng: &dyn Rng, schema: Schema) -> Result<Self, OpenError> {
        let Some(path) = path else {
            let connection = Connection::open_in_memory()?;
            schema.create(&connection, rng)?;
            return Ok(Self { connection, _lock: None });
        };
        let lock = Lock::take(path)?;
        let io = |source| in_files(path, source);
        restore::finish(path).map_err(io)?;
        refuse_log_alone(path)?;
        // SQLite gives its log the rights of the file; a file that exists keeps the rights it has.
        match create_private(path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io(error)),
        }
        let connection = Connection::open(path).map_err(|error| named(path, error))?;
        prepare(path, &connection, rng, schema)?;
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

/// SQLite would make a new database, and remove the log of the one that is missing.
fn refuse_log_alone(path: &Path) -> Result<(), OpenError> {
    let size = |path: &Path| match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OpenError::Io { path: path.to_owned(), source }),
    };
    match (size(path)?, size(&beside(path, "-wal"))?) {
        // SQLite takes a file of one byte for an empty one too.
        (found @ (None | Some(0 | 1)), Some(bytes @ 1..)) => {
            Err(OpenError::LogAlone { path: path.to_owned(), is_empty: found.is_some(), bytes })
        }
        _ => Ok(()),
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

/// Looks before it writes: every check comes before the first statement that changes the file.
fn prepare(path: &Path, db: &Connection, rng: &dyn Rng, schema: Schema) -> Result<(), OpenError> {
    let named = |error| named(path, error);
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(256);
    // SQLite would only say so at the first write.
    if db.is_readonly("main")? {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        return Err(OpenError::Io { path: path.to_owned(), source });
    }
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(named);
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let objects: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(named)?;
    let current = schema.version();
    let is_new = application == 0 && version == 0 && objects == 0;
    if !is_new {
        if application != APPLICATION_ID {
            return Err(OpenError::Foreign(path.to_owned()));
        }
        if version > current {
            return Err(OpenError::Newer { path: path.to_owned(), found: version, known: current });
        }
        check_pages(path, db)?;
        if version == current {
            check::contents(db, schema).map_err(|flaw| refused(path, flaw))?;
        }
    }
    db.pragma_update(None, "journal_mode", "WAL").map_err(named)?;
    db.pragma_update(None, "synchronous", "FULL").map_err(named)?;
    db.pragma_update(None, "temp_store", "MEMORY").map_err(named)?;
    db.pragma_update(None, "cache_size", -WRITER_CACHE_KIB).map_err(named)?;
    keep_plans(db)?;
    if is_new {
        schema.create(db, rng)?;
    } else if version < current {
        check::upgrade(db, version, schema).map_err(|flaw| refused(path, flaw))?;
        tracing::info!(path = %path.display(), from = version, to = current, "the store was brought up to date");
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

/// What is wrong with the contents of the file.
fn refused(path: &Path, flaw: Flaw) -> OpenError {
    let path = path.to_owned();
    match flaw {
        Flaw::Foreign => OpenError::Foreign(path),
        Flaw::Newer { found, known } => OpenError::Newer { path, found, known },
        Flaw::Altered(what) => OpenError::Altered { path, what },
        Flaw::Full => OpenError::Full(path),
        Flaw::Damaged(what) | Flaw::Unreadable(what) => OpenError::Damaged { path, what },
    }
}

/// Tells damage from other refusals.
fn named(path: &Path, error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged { path: path.to_owned(), what: error.to_string() }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse(path.to_owned()),
        Some(ErrorCode::DiskFull) => OpenError::Full(path.to_owned()),
        Some(ErrorCode::SystemIoFailure) if !has_room(path) => OpenError::Full(path.to_owned()),
        Some(
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure,
        ) => OpenError::Io { path: path.to_owned(), source: io::Error::other(error) },
        _ => OpenError::Sqlite(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::SeededRng, migrations::SCHEMA, store::files::fill_disk};

    #[test]
    fn a_full_disk_has_its_own_message() {
        let folder = std::env::temp_dir().join(format!("engine-full-open-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("cloud.db");
        // SQLite says no more than this when it finds no room for the index of its log.
        let of_sqlite =
            || rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_SHMSIZE), None);
        assert!(matches!(named(&path, of_sqlite()), OpenError::Io { .. }));
        fill_disk(true);
        let errors = [named(&path, of_sqlite()), OpenFile::open(Some(&path), &SeededRng::new(1), SCHEMA).unwrap_err()];
        fill_disk(false);
        for error in errors {
            assert!(matches!(error, OpenError::Full(_)), "{error}");
            assert!(error.to_string().contains("the disk is full"), "{error}");
        }
        OpenFile::open(Some(&path), &SeededRng::new(1), SCHEMA).unwrap();
        fs::remove_dir_all(&folder).unwrap();
    }
}
