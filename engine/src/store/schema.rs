//! The tables of the file, and the number that says which.

use rusqlite::Connection;

use crate::{clock::Rng, error::ApiError, events, executions, logs, tables};

/// The format of the file (`user_version`). A file with a higher number is refused.
pub const VERSION: i64 = 1;

/// Marks the file as ours (`application_id`): "Dopp" in ASCII.
pub(crate) const APPLICATION_ID: i64 = 0x446F_7070;

/// Makes the tables of a new file in one transaction.
pub(crate) fn create(db: &Connection, rng: &dyn Rng) -> Result<(), ApiError> {
    let transaction = db.unchecked_transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction
        .execute_batch("CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID")?;
    let mut key = [0u8; 32];
    rng.fill(&mut key);
    transaction.execute("INSERT INTO secrets (name, value) VALUES ('task-token-key', ?1)", [key.as_slice()])?;
    executions::migrate(&transaction)?;
    events::migrate(&transaction)?;
    logs::migrate(&transaction)?;
    tables::migrate(&transaction)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// The key that authenticates task tokens.
pub(crate) fn token_key(db: &Connection) -> Result<Vec<u8>, ApiError> {
    Ok(db.query_row("SELECT value FROM secrets WHERE name = 'task-token-key'", [], |row| row.get(0))?)
}
