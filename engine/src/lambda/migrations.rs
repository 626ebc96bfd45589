//! The tables of this service.

use rusqlite::Connection;

use crate::error::ApiError;

/// Creates the tables.
pub(crate) fn migrate(db: &Connection) -> Result<(), ApiError> {
    db.execute_batch(
        "CREATE TABLE functions (
             name TEXT PRIMARY KEY,
             -- Where it is invoked.
             address TEXT NOT NULL,
             timeout_seconds INTEGER NOT NULL,
             -- The configuration as GetFunctionConfiguration gives it, in JSON.
             configuration TEXT NOT NULL,
             tags TEXT NOT NULL
         ) STRICT, WITHOUT ROWID;
         -- Who may invoke it: kept and given back, not checked, because this engine has no identities.
         CREATE TABLE function_permissions (
             function TEXT NOT NULL,
             sid TEXT NOT NULL,
             statement TEXT NOT NULL,
             PRIMARY KEY (function, sid)
         ) STRICT, WITHOUT ROWID;",
    )?;
    Ok(())
}
