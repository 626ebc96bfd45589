//! Whether a file is a whole store of this release or an earlier one.

use std::collections::BTreeSet;

use rusqlite::{Connection, ErrorCode};

use crate::{
    clock::SeededRng,
    error::ApiError,
    store::schema::{self, APPLICATION_ID, VERSION},
};

/// Why a file is not taken for a store.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// It is something else.
    #[error("it is not the data of a bar")]
    Foreign,
    /// A later release wrote it.
    #[error("it was written by a newer release: its format is {found}, and this release knows {VERSION}")]
    Newer {
        /// Its format.
        found: i64,
    },
    /// It is not whole.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// It could not be looked at.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl From<rusqlite::Error> for Flaw {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

/// The format of the file, when it is one of ours that this release knows.
pub(super) fn format(db: &Connection) -> Result<i64, Flaw> {
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    match (application, found) {
        (APPLICATION_ID, 1..=VERSION) => Ok(found),
        (APPLICATION_ID, newer) if newer > VERSION => Err(Flaw::Newer { found: newer }),
        (APPLICATION_ID, other) => Err(Flaw::Damaged(format!("its format is {other}"))),
        _ => Err(Flaw::Foreign),
    }
}

/// Reads every page and every index of the file.
pub(super) fn integrity(db: &Connection) -> Result<(), Flaw> {
    let verdict: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(Flaw::Damaged(verdict)) }
}

/// Whether everything that this release expects in a file of its own format is there, and the key of the task tokens.
pub(super) fn contents(db: &Connection) -> Result<(), Flaw> {
    let damaged = |error: ApiError| Flaw::Damaged(error.message);
    let model = Connection::open_in_memory()?;
    schema::create(&model, &SeededRng::new(0)).map_err(damaged)?;
    let found = objects(db)?;
    if let Some(missing) = objects(&model)?.difference(&found).next() {
        return Err(Flaw::Damaged(format!("the {} {} is missing", missing.0, missing.1)));
    }
    schema::token_key(db).map(drop).map_err(damaged)
}

/// The kind and the name of each table and index.
fn objects(db: &Connection) -> Result<BTreeSet<(String, String)>, Flaw> {
    let mut query = db.prepare("SELECT type, name FROM sqlite_schema")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
