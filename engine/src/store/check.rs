//! Whether a file is a whole store of this release or an earlier one.

use std::collections::BTreeSet;

use rusqlite::{Connection, ErrorCode};

use crate::{
    clock::SeededRng,
    error::{ApiError, Outage},
    store::schema::{APPLICATION_ID, Schema, token_key},
};

/// Why a file is not taken for a store.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// It is something else.
    #[error("it is not the data of a bar")]
    Foreign,
    /// A later release wrote it.
    #[error("it was written by a newer release: its format is {found}, and this release knows {known}")]
    Newer {
        /// Its format.
        found: i64,
        /// The newest format that this release knows.
        known: i64,
    },
    /// It is not whole.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Its tables, indexes, views or triggers are not those of its format.
    #[error("somebody has changed its structure: {0}")]
    Altered(String),
    /// There is no room to look at it.
    #[error("the disk is full. Make room on it, and try again")]
    Full,
    /// It could not be looked at.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl From<rusqlite::Error> for Flaw {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

/// The format of the file, when it is one of ours that this release knows.
pub(super) fn format(db: &Connection, schema: Schema) -> Result<i64, Flaw> {
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    match (application, found) {
        (APPLICATION_ID, newer) if newer > schema.version() => {
            Err(Flaw::Newer { found: newer, known: schema.version() })
        }
        (APPLICATION_ID, 1..) => Ok(found),
        (APPLICATION_ID, other) => Err(Flaw::Damaged(format!("its format is {other}"))),
        _ => Err(Flaw::Foreign),
    }
}

/// Reads every page and every index of the file.
pub(super) fn integrity(db: &Connection) -> Result<(), Flaw> {
    let verdict: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(Flaw::Damaged(verdict)) }
}

/// Whether a file of this release's format has exactly the tables, columns and indexes that it should have, no view and
/// no trigger, and the key of the task tokens. A missing table or a foreign trigger would stop orders without a word.
pub(super) fn contents(db: &Connection, schema: Schema) -> Result<(), Flaw> {
    let damaged = |error: ApiError| Flaw::Damaged(error.message);
    let model = Connection::open_in_memory()?;
    schema.create(&model, &SeededRng::new(0)).map_err(damaged)?;
    let (expected, found) = (Structure::of(&model)?, Structure::of(db)?);
    expected.compare(&found).map_err(Flaw::Altered)?;
    token_key(db).map(drop).map_err(damaged)
}

/// Brings a file of an earlier format up to date in one transaction, and checks it before the transaction is committed.
pub(super) fn upgrade(db: &Connection, from: i64, schema: Schema) -> Result<(), Flaw> {
    let transaction = db.unchecked_transaction()?;
    // A step fails when what it changes is not there.
    schema.migrate(&transaction, from).map_err(|error| match error.outage {
        Some(Outage::Full) => Flaw::Full,
        Some(Outage::Refused) => Flaw::Unreadable(error.message),
        None => Flaw::Altered(error.message),
    })?;
    contents(&transaction, schema)?;
    transaction.commit()?;
    Ok(())
}

/// What a file consists of.
struct Structure {
    /// The kind, the name and the table of each table, index, view and trigger.
    objects: BTreeSet<[String; 3]>,
    /// The table and the name of each column, with its type and the like.
    columns: BTreeSet<[String; 3]>,
}

impl Structure {
    fn of(db: &Connection) -> Result<Self, Flaw> {
        let rows = |sql| -> Result<BTreeSet<[String; 3]>, Flaw> {
            let mut query = db.prepare(sql)?;
            let rows = query.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        // SQLite makes the tables of statistics when somebody runs ANALYZE; they do no harm.
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

    /// Says the first difference.
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
