//! Checkpoints of SQLite's write-ahead log (WAL), made while the writer continues.
//!
//! By default SQLite has the writer make a checkpoint every thousand pages, and everyone who waits for a commit waits
//! for that too. Here a separate thread does most of it. Only the last part is left to the writer: while the writer
//! appends, no other connection can reach the end of the log, and the log starts again from its beginning only after a
//! complete checkpoint.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{Builder, JoinHandle},
};

use rusqlite::Connection;

use crate::store::open_error::OpenError;

/// Pages by which the log grows between two checkpoints of the thread.
const CHECKPOINT_PAGES: u32 = 1_000;
/// Pages from which on the writer makes the last part of the checkpoint itself: 32 MiB.
const MAX_LOG_PAGES: u32 = 8_000;

/// When to make a checkpoint, and the thread that does.
#[derive(Debug)]
pub(crate) struct WalCheckpoints {
    /// Pages in the log after the last commit.
    pages: Arc<AtomicU32>,
    /// Pages in the log when the thread was last woken.
    requested_at: u32,
    /// Pages in the log at which the writer makes a checkpoint itself.
    own_checkpoint_at: u32,
    thread: Option<(SyncSender<()>, JoinHandle<()>)>,
}

impl WalCheckpoints {
    /// Starts the thread for the file at `path`, which `writer` writes. The thread ends when this is dropped.
    pub(crate) fn start(path: &Path, writer: &mut Connection) -> Result<Self, OpenError> {
        let pages = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&pages);
        // Replaces SQLite's own hook, which would make a checkpoint.
        writer.wal_hook(Some(move |_: &mut _, pages| {
            counter.store(u32::try_from(pages).unwrap_or_default(), Ordering::Relaxed);
            Ok(())
        }))?;
        let db = Connection::open(path)?;
        db.pragma_update(None, "synchronous", "FULL")?;
        let (wake, woken) = sync_channel(1);
        let thread = Builder::new()
            .name("engine-checkpoint".to_owned())
            .spawn(move || run(&db, &woken))
            .map_err(OpenError::Thread)?;
        Ok(Self { pages, requested_at: 0, own_checkpoint_at: MAX_LOG_PAGES, thread: Some((wake, thread)) })
    }

    /// Makes or requests a checkpoint if one is due. Call it after each commit.
    pub(crate) fn committed(&mut self, writer: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.requested_at {
            // The log has started again from its beginning.
            (self.requested_at, self.own_checkpoint_at) = (0, MAX_LOG_PAGES);
        }
        if pages >= self.own_checkpoint_at {
            // While a reader still uses an old page the log cannot start again, so the next attempt comes some pages
            // later.
            self.own_checkpoint_at = pages + CHECKPOINT_PAGES;
            checkpoint(writer);
        } else if pages >= self.requested_at + CHECKPOINT_PAGES
            && let Some((wake, _)) = &self.thread
        {
            self.requested_at = pages;
            // The channel is full if the thread has not taken the last request yet; then that request is enough.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for WalCheckpoints {
    fn drop(&mut self) {
        if let Some((wake, thread)) = self.thread.take() {
            drop(wake);
            if thread.join().is_err() {
                tracing::error!("the checkpoint thread panicked");
            }
        }
    }
}

fn run(db: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        checkpoint(db);
    }
}

/// Copies what no reader needs in the log any more, without waiting for anyone.
fn checkpoint(db: &Connection) {
    let done = db
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
        .and_then(|mut statement| statement.query_row([], |_| Ok(())));
    if let Err(error) = done {
        tracing::warn!(%error, "a checkpoint failed; the write-ahead log grows until one succeeds");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{
        clock::{SeededRng, SystemClock},
        migrations::SCHEMA,
        store::Store,
    };

    /// Writes about 40 MB in rows of 40 KB; returns the size of the log in bytes.
    async fn write_much(store: &Store, path: &std::path::Path) -> u64 {
        for number in 0..1_000 {
            let write = store.write(move |on| {
                let sql = "INSERT INTO secrets (name, value) VALUES (?1, zeroblob(40000))";
                on.db.execute(sql, [format!("{number}")])?;
                Ok(())
            });
            write.await.unwrap();
        }
        std::fs::metadata(path.with_extension("db-wal")).unwrap().len()
    }

    #[tokio::test]
    async fn the_write_ahead_log_stays_small() {
        let folder = std::env::temp_dir().join(format!("engine-checkpoint-{}", std::process::id()));
        let path = folder.join("log.db");
        let (store, _) = Store::open(Some(&path), Arc::new(SystemClock), &SeededRng::new(1), SCHEMA).unwrap();
        let log = write_much(&store, &path).await;
        // MAX_LOG_PAGES pages of 4 KiB, and what a commit or two may add before the log starts again.
        assert!(log < 38_000_000, "{log} bytes");
        store.close();
        assert!(!path.with_extension("db-wal").exists(), "the closed store is one file");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
