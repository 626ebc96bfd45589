//! The baseline: durable commits of the disk.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use rusqlite::Connection;

use crate::clock::now;

const MEASURED: Duration = Duration::from_secs(5);

/// Commits per second with `batch` small writes each and the settings of the engine's store: the write-ahead log is synced
/// before a commit returns.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn commits_per_second(file: &Path, batch: u32) -> anyhow::Result<f64> {
    let mut db = Connection::open(file).context("the baseline cannot be measured here")?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch("CREATE TABLE floor (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")?;
    let text = "x".repeat(400);
    let (started, mut commits) = (now(), 0_u32);
    while started.elapsed() < MEASURED {
        let work = db.transaction()?;
        for _ in 0..batch {
            work.prepare_cached("INSERT INTO floor (text) VALUES (?1)")?.execute([&text])?;
        }
        work.commit()?;
        commits += 1;
    }
    Ok(f64::from(commits) / started.elapsed().as_secs_f64())
}
