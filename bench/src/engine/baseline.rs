//! The baseline: the time of SQLite and the disk alone for the same writes.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::clock::now;

/// The writes of one run of the engine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    /// Durable transactions.
    pub(crate) commits: u64,
    /// Bytes by which its file grew.
    pub(crate) bytes: u64,
}

/// The time to write as many bytes in as many durable transactions, one row each, with the settings of the engine's store.
/// No program on SQLite can be faster with the same number of durable commits: this one has no index, no second table and
/// nothing to parse.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write(folder: &Path, work: Work) -> anyhow::Result<Duration> {
    // The faster of two runs, because other load on the machine would make the baseline look slower than it is.
    Ok(once(folder, work)?.min(once(folder, work)?))
}

fn once(folder: &Path, work: Work) -> anyhow::Result<Duration> {
    fs::create_dir_all(folder)?;
    let mut db = Connection::open(folder.join("baseline.db"))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch("CREATE TABLE floor (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT")?;
    let commits = work.commits.max(1);
    let row = vec![b'x'; usize::try_from(work.bytes / commits)?];
    let began = now();
    for _ in 0..commits {
        let transaction = db.transaction()?;
        transaction.prepare_cached("INSERT INTO floor (bytes) VALUES (?1)")?.execute([&row])?;
        transaction.commit()?;
    }
    let took = began.elapsed();
    db.close().map_err(|(_, error)| error)?;
    fs::remove_dir_all(folder)?;
    Ok(took)
}
