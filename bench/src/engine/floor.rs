//! The floor: what the disk and SQLite alone take for the same.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::clock::now;

/// What a run of the engine left behind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    /// Durable transactions.
    pub(crate) commits: u64,
    /// Bytes by which its file grew.
    pub(crate) bytes: u64,
}

/// The time to write as many bytes in as many durable transactions, each one row, with the settings of the engine's
/// store. No program that keeps its promises in SQLite can be quicker with so many commits: this one has no index, no
/// second table, parses nothing and asks nobody.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write(folder: &Path, work: Work) -> anyhow::Result<Duration> {
    // The quicker of two, so that something else on the machine does not make the floor look lower than it is.
    Ok(once(folder, work)?.min(once(folder, work)?))
}

fn once(folder: &Path, work: Work) -> anyhow::Result<Duration> {
    fs::create_dir_all(folder)?;
    let mut db = Connection::open(folder.join("floor.db"))?;
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
