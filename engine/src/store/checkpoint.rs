//! Folding the write-ahead log into the file while the writer goes on.
//!
//! SQLite would have the writer do it every thousand pages, and all who wait for a commit would wait for that too. Here
//! a thread of its own does most of it. Only the very last part is the writer's: as long as it adds to the log, nobody
//! else can come to its end, and only a log whose end was reached begins anew.

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

/// Pages that the log grows between two rounds of the thread.
const ROUND: u32 = 1_000;
/// Pages from which on the writer takes the last part itself: 32 MiB.
const LONG: u32 = 8_000;

/// What the writer knows of the log.
#[derive(Debug)]
pub(crate) struct Log {
    /// Pages in the log after the last commit.
    pages: Arc<AtomicU32>,
    /// How long the log was when the thread was last told to begin.
    told: u32,
    /// How long it must be before the writer takes its part.
    own: u32,
    thread: Option<(SyncSender<()>, JoinHandle<()>)>,
}

impl Log {
    /// Starts the thread for the file at `path`, which `writer` writes; it ends when this is dropped.
    pub(crate) fn watch(path: &Path, writer: &mut Connection) -> Result<Self, OpenError> {
        let pages = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&pages);
        // In the place of SQLite's own hook, which would fold the log in.
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
        Ok(Self { pages, told: 0, own: LONG, thread: Some((wake, thread)) })
    }

    /// After each commit: has the log folded in when that is worth while.
    pub(crate) fn committed(&mut self, writer: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.told {
            // It has begun anew.
            (self.told, self.own) = (0, LONG);
        }
        if pages >= self.own {
            // When somebody still reads an old page, the log cannot begin anew: the next attempt is some pages later.
            self.own = pages + ROUND;
            fold(writer);
        } else if pages >= self.told + ROUND
            && let Some((wake, _)) = &self.thread
        {
            self.told = pages;
            // Full when the thread has not come to the last word yet, which does as well.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if let Some((wake, thread)) = self.thread.take() {
            drop(wake);
            if thread.join().is_err() {
                tracing::error!("the thread that folds the log ended by a panic");
            }
        }
    }
}

fn run(db: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        fold(db);
    }
}

/// Folds in what nobody needs in the log any more, without waiting for anybody.
fn fold(db: &Connection) {
    let done = db.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)").and_then(|mut fold| fold.query_row([], |_| Ok(())));
    if let Err(error) = done {
        tracing::warn!(%error, "the write-ahead log could not be folded in; it grows until that is possible");
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

    /// Writes about 40 MB in rows of 40 KB, and returns the bytes of the log.
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
    async fn the_log_does_not_grow_with_what_is_written() {
        let folder = std::env::temp_dir().join(format!("engine-checkpoint-{}", std::process::id()));
        let path = folder.join("log.db");
        let (store, _) = Store::open(Some(&path), Arc::new(SystemClock), &SeededRng::new(1), SCHEMA).unwrap();
        let log = write_much(&store, &path).await;
        // LONG pages of 4 KiB, and what a commit or two may add before the log begins anew.
        assert!(log < 38_000_000, "{log} bytes");
        store.close();
        assert!(!path.with_extension("db-wal").exists(), "the closed store is one file");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
