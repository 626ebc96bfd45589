//! The tables of the file, and the number that says which.

use rusqlite::Connection;

use crate::{clock::Rng, error::ApiError, events, executions, functions, logs, tables};

/// The format of the file (`user_version`): the number of [`STEPS`]. A file with a higher number is refused, one with a
/// lower number is brought up to date when it is opened.
pub const VERSION: i64 = 6;

/// Makes a file of one version out of one of the version before.
type Step = fn(&Connection) -> Result<(), ApiError>;

/// The steps to each version. One that was released never changes: whoever needs another form appends a step.
const STEPS: [Step; VERSION as usize] = [
    first,
    executions::share_rows,
    executions::remember_more,
    functions::migrate,
    events::remember_changes,
    executions::find_awaited,
];

/// Marks the file as ours (`application_id`): "Dopp" in ASCII.
pub(crate) const APPLICATION_ID: i64 = 0x446F_7070;

fn first(db: &Connection) -> Result<(), ApiError> {
    executions::migrate(db)?;
    events::migrate(db)?;
    logs::migrate(db)?;
    tables::migrate(db)?;
    Ok(())
}

/// Makes the tables of a new file in one transaction.
pub(crate) fn create(db: &Connection, rng: &dyn Rng) -> Result<(), ApiError> {
    let transaction = db.unchecked_transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction
        .execute_batch("CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID")?;
    let mut key = [0u8; 32];
    rng.fill(&mut key);
    transaction.execute("INSERT INTO secrets (name, value) VALUES ('task-token-key', ?1)", [key.as_slice()])?;
    take_steps(&transaction, 0)?;
    transaction.commit()?;
    Ok(())
}

/// Brings a file of an earlier version up to date, in one transaction: afterwards it has this version or its own.
pub(crate) fn upgrade(db: &Connection, from: i64) -> Result<(), ApiError> {
    let transaction = db.unchecked_transaction()?;
    take_steps(&transaction, from)?;
    transaction.commit()?;
    Ok(())
}

fn take_steps(db: &Connection, from: i64) -> Result<(), ApiError> {
    for step in STEPS.iter().skip(usize::try_from(from).unwrap_or_default()) {
        step(db)?;
    }
    db.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}

/// The key that authenticates task tokens.
pub(crate) fn token_key(db: &Connection) -> Result<Vec<u8>, ApiError> {
    Ok(db.query_row("SELECT value FROM secrets WHERE name = 'task-token-key'", [], |row| row.get(0))?)
}
