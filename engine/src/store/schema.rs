//! The schema of a store: the migrations that make its tables, and its format version.

use rusqlite::Connection;

use crate::{clock::Rng, error::ApiError};

/// Changes a store of one version into one of the next, within an open transaction.
pub(crate) type Migration = fn(&Connection) -> Result<(), ApiError>;

/// The tables of a store, as the migrations that create them one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema {
    /// The migration to version 1, then that to version 2, and so on. A released migration never changes.
    pub(crate) migrations: &'static [Migration],
}

/// Marks a file as a store of this engine (`application_id`): "Dopp" in ASCII.
pub(crate) const APPLICATION_ID: i64 = 0x446F_7070;

impl Schema {
    /// The format version (`user_version`) of a store with this schema.
    pub(crate) const fn version(self) -> i64 {
        self.migrations.len() as i64
    }

    /// Creates the tables of a new file in one transaction, and the key that authenticates task tokens.
    pub(crate) fn create(self, db: &Connection, rng: &dyn Rng) -> Result<(), ApiError> {
        let transaction = db.unchecked_transaction()?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction
            .execute_batch("CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID")?;
        let mut key = [0u8; 32];
        rng.fill(&mut key);
        transaction.execute("INSERT INTO secrets (name, value) VALUES ('task-token-key', ?1)", [key.as_slice()])?;
        self.migrate(&transaction, 0)?;
        transaction.commit()?;
        Ok(())
    }

    /// Migrates a file of version `from` to the current version, within the open transaction.
    pub(super) fn migrate(self, db: &Connection, from: i64) -> Result<(), ApiError> {
        for migrate in self.migrations.iter().skip(usize::try_from(from).unwrap_or_default()) {
            migrate(db)?;
        }
        db.pragma_update(None, "user_version", self.version())?;
        Ok(())
    }
}

/// The key that authenticates task tokens.
pub(crate) fn token_key(db: &Connection) -> Result<Vec<u8>, ApiError> {
    Ok(db.query_row("SELECT value FROM secrets WHERE name = 'task-token-key'", [], |row| row.get(0))?)
}
