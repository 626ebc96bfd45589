//! Opening the file: it must not be in use, damaged, newer than this release, or a file of another program.

use std::{fs, io, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use crate::{
    clock::Rng,
    store::{
        check::{self, CheckError},
        files::{create_private, has_room, with_suffix},
        lock::Lock,
        open_error::{OpenError, io_error},
        restore,
        schema::{APPLICATION_ID, Schema},
    },
};

/// Files up to this size are checked page by page at start, which takes milliseconds. In larger files damage shows only
/// when SQLite reads a damaged page.
const FULL_CHECK_BYTES: u64 = 16 << 20;

/// Maximum memory for the writer's page cache. The names of executions and items have no order, so without a cache a
/// store of a million orders would read a page from the system for each of them. The memory is taken only as the store
/// grows.
const WRITER_CACHE_KIB: i64 = 64 * 1024;

/// How long a statement waits for the lock of another connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The writer's connection, and the lock that keeps other processes out.
#[derive(Debug)]
pub(crate) struct OpenFile {
    pub(crate) connection: Connection,
    _lock: Option<Lock>,
}

impl OpenFile {
    /// Opens and checks the store; creates it if it is new.
    pub(crate) fn open(path: Option<&Path>, rng: &dyn Rng, schema: Schema) -> Result<Self, OpenError> {
        let Some(path) = path else {
            let connection = Connection::open_in_memory()?;
            schema.create(&connection, rng)?;
            return Ok(Self { connection, _lock: None });
        };
        let lock = Lock::take(path)?;
        let io = |source| io_error(path, source);
        restore::finish(path).map_err(io)?;
        refuse_orphaned_log(path)?;
        // SQLite gives its log the permissions of the database; an existing file keeps its permissions.
        match create_private(path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io(error)),
        }
        let connection = Connection::open(path).map_err(|error| sqlite_error(path, error))?;
        prepare(path, &connection, rng, schema)?;
        Ok(Self { connection, _lock: Some(lock) })
    }

    /// Makes a checkpoint and closes the file, so that the closed store is a single file.
    pub(crate) fn close(self) {
        if let Err(error) = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::warn!(%error, "the checkpoint on closing failed; the next start makes it");
        }
        if let Err((_, error)) = self.connection.close() {
            tracing::warn!(%error, "the store did not close cleanly; nothing acknowledged is lost");
        }
    }
}

/// SQLite would create a new database, and remove the log of the missing one.
fn refuse_orphaned_log(path: &Path) -> Result<(), OpenError> {
    let size = |path: &Path| match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OpenError::Io { path: path.to_owned(), source }),
    };
    match (size(path)?, size(&with_suffix(path, "-wal"))?) {
        // SQLite treats a file of one byte as empty too.
        (found @ (None | Some(0 | 1)), Some(bytes @ 1..)) => {
            Err(OpenError::OrphanedLog { path: path.to_owned(), is_empty: found.is_some(), bytes })
        }
        _ => Ok(()),
    }
}

/// A read-only connection.
pub(crate) fn reader_connection(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(256);
    keep_query_plans(&connection)?;
    Ok(connection)
}

/// Checks everything before the first statement that changes the file.
fn prepare(path: &Path, db: &Connection, rng: &dyn Rng, schema: Schema) -> Result<(), OpenError> {
    let sqlite_error = |error| sqlite_error(path, error);
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(256);
    // SQLite would report it only at the first write.
    if db.is_readonly("main")? {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        return Err(OpenError::Io { path: path.to_owned(), source });
    }
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(sqlite_error);
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let objects: i64 =
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(sqlite_error)?;
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
            check::contents(db, schema).map_err(|reason| check_error(path, reason))?;
        }
    }
    db.pragma_update(None, "journal_mode", "WAL").map_err(sqlite_error)?;
    db.pragma_update(None, "synchronous", "FULL").map_err(sqlite_error)?;
    db.pragma_update(None, "temp_store", "MEMORY").map_err(sqlite_error)?;
    db.pragma_update(None, "cache_size", -WRITER_CACHE_KIB).map_err(sqlite_error)?;
    keep_query_plans(db)?;
    if is_new {
        schema.create(db, rng)?;
    } else if version < current {
        check::upgrade(db, version, schema).map_err(|reason| check_error(path, reason))?;
        tracing::info!(path = %path.display(), from = version, to = current, "the store was migrated");
    }
    Ok(())
}

/// Query plans do not depend on bound values. Otherwise SQLite plans some statements again each time, which took an
/// eighth of the writer's time.
fn keep_query_plans(db: &Connection) -> Result<(), OpenError> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn check_pages(path: &Path, db: &Connection) -> Result<(), OpenError> {
    let bytes = fs::metadata(path).map_err(|source| OpenError::Io { path: path.to_owned(), source })?.len();
    if bytes > FULL_CHECK_BYTES {
        return Ok(());
    }
    let verdict: String =
        db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|error| sqlite_error(path, error))?;
    if verdict == "ok" { Ok(()) } else { Err(OpenError::Damaged { path: path.to_owned(), what: verdict }) }
}

/// The error for a file that failed its check.
fn check_error(path: &Path, reason: CheckError) -> OpenError {
    let path = path.to_owned();
    match reason {
        CheckError::Foreign => OpenError::Foreign(path),
        CheckError::Newer { found, known } => OpenError::Newer { path, found, known },
        CheckError::Altered(what) => OpenError::Altered { path, what },
        CheckError::Full => OpenError::Full(path),
        CheckError::Damaged(what) | CheckError::Unreadable(what) => OpenError::Damaged { path, what },
    }
}

/// Tells damage, locks and a full disk from other errors of SQLite.
fn sqlite_error(path: &Path, error: rusqlite::Error) -> OpenError {
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
        // SQLite reports only this when it has no room for the index of its log.
        let of_sqlite =
            || rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_SHMSIZE), None);
        assert!(matches!(sqlite_error(&path, of_sqlite()), OpenError::Io { .. }));
        fill_disk(true);
        let errors =
            [sqlite_error(&path, of_sqlite()), OpenFile::open(Some(&path), &SeededRng::new(1), SCHEMA).unwrap_err()];
        fill_disk(false);
        for error in errors {
            assert!(matches!(error, OpenError::Full(_)), "{error}");
            assert!(error.to_string().contains("the disk is full"), "{error}");
        }
        OpenFile::open(Some(&path), &SeededRng::new(1), SCHEMA).unwrap();
        fs::remove_dir_all(&folder).unwrap();
    }
}
