//! Checks whether a file is an intact store of this or an earlier release.

use std::collections::BTreeSet;

use rusqlite::{Connection, ErrorCode};

use crate::{
    clock::SeededRng,
    error::{ApiError, Outage},
    store::schema::{APPLICATION_ID, Schema, token_key},
};

/// Why a file is not a usable store.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It is not a store of this engine.
    #[error("it is not the data of a bar")]
    Foreign,
    /// A later release wrote it.
    #[error("it was written by a newer release: its format is {found}, and this release knows {known}")]
    Newer {
        /// Its format version.
        found: i64,
        /// The newest format version that this release knows.
        known: i64,
    },
    /// SQLite finds it corrupt.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Its tables, indexes, views or triggers are not those of its format.
    #[error("its structure was changed: {0}")]
    Altered(String),
    /// The disk is full, so it cannot be opened.
    #[error("the disk is full. Make room on it, and try again")]
    Full,
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl From<rusqlite::Error> for CheckError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

/// The format version of the file, if this release knows it.
pub(super) fn format(db: &Connection, schema: Schema) -> Result<i64, CheckError> {
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    match (application, found) {
        (APPLICATION_ID, newer) if newer > schema.version() => {
            Err(CheckError::Newer { found: newer, known: schema.version() })
        }
        (APPLICATION_ID, 1..) => Ok(found),
        (APPLICATION_ID, other) => Err(CheckError::Damaged(format!("its format is {other}"))),
        _ => Err(CheckError::Foreign),
    }
}

/// Reads every page and every index of the file.
pub(super) fn integrity(db: &Connection) -> Result<(), CheckError> {
    let verdict: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(CheckError::Damaged(verdict)) }
}

/// Whether a file of the current format has exactly the expected tables, columns and indexes, no view, no trigger, and
/// the key of the task tokens. A missing table or a foreign trigger would break orders silently.
pub(super) fn contents(db: &Connection, schema: Schema) -> Result<(), CheckError> {
    let damaged = |error: ApiError| CheckError::Damaged(error.message);
    let model = Connection::open_in_memory()?;
    schema.create(&model, &SeededRng::new(0)).map_err(damaged)?;
    let (expected, found) = (Structure::of(&model)?, Structure::of(db)?);
    expected.compare(&found).map_err(CheckError::Altered)?;
    token_key(db).map(drop).map_err(damaged)
}

/// Migrates a file of an earlier format in one transaction, and checks it before the commit.
pub(super) fn upgrade(db: &Connection, from: i64, schema: Schema) -> Result<(), CheckError> {
    let transaction = db.unchecked_transaction()?;
    // A migration fails if what it changes is missing.
    schema.migrate(&transaction, from).map_err(|error| match error.outage {
        Some(Outage::Full) => CheckError::Full,
        Some(Outage::Refused) => CheckError::Unreadable(error.message),
        None => CheckError::Altered(error.message),
    })?;
    contents(&transaction, schema)?;
    transaction.commit()?;
    Ok(())
}

/// The schema objects of a file.
struct Structure {
    /// Kind, name and table of each table, index, view and trigger.
    objects: BTreeSet<[String; 3]>,
    /// Table and name of each column, with its type and constraints.
    columns: BTreeSet<[String; 3]>,
}

impl Structure {
    fn of(db: &Connection) -> Result<Self, CheckError> {
        let rows = |sql| -> Result<BTreeSet<[String; 3]>, CheckError> {
            let mut query = db.prepare(sql)?;
            let rows = query.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        // ANALYZE creates tables of statistics, which do no harm.
        let objects = rows("SELECT type, name, tbl_name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'")?;
        let columns = rows(
            "SELECT o.name, c.name, format('%s %d %d %d', c.type, c.\"notnull\", c.pk, c.hidden)
             FROM sqlite_schema o JOIN pragma_table_xinfo(o.name) c
             WHERE o.type = 'table' AND o.name NOT LIKE 'sqlite_%'
             UNION ALL
             SELECT o.name, format('%d', c.seqno), coalesce(c.name, 'rowid')
             FROM sqlite_schema o JOIN pragma_index_xinfo(o.name) c WHERE o.type = 'index'",
        )?;
        Ok(Self { objects, columns })
    }

    /// Describes the first difference.
    fn compare(&self, found: &Self) -> Result<(), String> {
        let named = |[kind, name, _]: &[String; 3]| format!("the {kind} {name}");
        if let Some(missing) = self.objects.difference(&found.objects).next() {
            return Err(format!("{} is missing", named(missing)));
        }
        if let Some(extra) = found.objects.difference(&self.objects).next() {
            return Err(format!("{} does not belong there", named(extra)));
        }
        match self.columns.symmetric_difference(&found.columns).next() {
            Some([owner, column, _]) => Err(format!("the column {column} of {owner} is not what it should be")),
            None => Ok(()),
        }
    }
}
