//! The store: one SQLite file, one thread that writes it, a few that read it.
//!
//! A change is a job for the writer. The writer takes all waiting jobs, runs them in one transaction, commits once, and
//! only then answers the callers: nothing is acknowledged before it is durable, and the more jobs wait, the fewer
//! commits each of them costs. The changes of a job that failed are rolled back; the other jobs are unaffected.

mod allowance;
mod backup;
mod check;
mod checkpoint;
mod counters;
mod files;
mod health;
#[cfg(any(test, fuzzing))]
pub(crate) mod inline;
mod job;
mod lock;
mod lookup;
mod open;
mod open_error;
mod reader;
mod restore;
mod schema;
mod signals;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, atomic::Ordering, mpsc},
    thread::JoinHandle,
};

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

#[cfg(test)]
pub(crate) use self::{allowance::Allowance, schema::APPLICATION_ID};
pub(crate) use self::{
    backup::back_up,
    job::JobContext,
    open::OpenFile,
    restore::stage,
    schema::{Schema, token_key},
};
pub use self::{
    backup::{Backup, BackupError},
    check::CheckError,
    counters::Statistics,
    files::is_same_file,
    health::CommitFailure,
    lock::Lock,
    open_error::OpenError,
    restore::{RestoreError, Restored, Staged},
};
use crate::{
    clock::{Clock, Rng},
    error::ApiError,
    store::{
        counters::Counters,
        job::{ClosureJob, Job, closed},
        lookup::Lookups,
        signals::Signals,
    },
};

/// The open store. Dropping it finishes the waiting jobs, then closes the file.
#[derive(Debug)]
pub(crate) struct Store {
    /// `None` once the store is closed.
    writer: RwLock<Option<mpsc::Sender<Box<dyn Job>>>>,
    /// `None` when the store is closed or in memory (then the writer's connection is the only one).
    readers: RwLock<Option<mpsc::Sender<reader::ReadJob>>>,
    /// `None` as for `readers`.
    lookups: RwLock<Option<Lookups>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    signals: Arc<Signals>,
    counters: Arc<Counters>,
    path: Option<PathBuf>,
    /// Runs jobs in place of the threads, in a simulation.
    #[cfg(any(test, fuzzing))]
    inline: Option<inline::Inline>,
}

/// Bytes that [`Store::check_writes`] writes and removes again: more than a step of an order needs.
const PROBE_BYTES: i64 = 64 << 10;

impl Store {
    /// Opens or creates the store at `path`; with `None` it is kept in memory and ends with the process. Also returns
    /// the key that authenticates task tokens, which is stored in the file.
    pub(crate) fn open(
        path: Option<&Path>,
        clock: Arc<dyn Clock>,
        rng: &dyn Rng,
        schema: Schema,
    ) -> Result<(Self, Vec<u8>), OpenError> {
        let file = OpenFile::open(path, rng, schema)?;
        let token_key = token_key(&file.connection)?;
        let signals = Arc::new(Signals { outbox: watch::Sender::new(0), deadline: watch::Sender::new(None) });
        let counters = Arc::new(Counters::default());
        #[cfg(any(test, fuzzing))]
        if inline::is_inline() {
            let inline = inline::Inline::new(file, clock, Arc::clone(&signals), Arc::clone(&counters))?;
            let store = Self {
                writer: RwLock::default(),
                readers: RwLock::default(),
                lookups: RwLock::default(),
                threads: Mutex::default(),
                signals,
                counters,
                path: path.map(Path::to_owned),
                inline: Some(inline),
            };
            return Ok((store, token_key));
        }
        let mut threads = Vec::new();
        let readers = match path {
            Some(path) => Some(reader::spawn(path, &mut threads)?),
            None => None,
        };
        let writer = writer::spawn(file, path, clock, Arc::clone(&signals), Arc::clone(&counters), &mut threads)?;
        let store = Self {
            writer: RwLock::new(Some(writer)),
            readers: RwLock::new(readers),
            lookups: RwLock::new(path.map(Lookups::open).transpose()?),
            threads: Mutex::new(threads),
            signals,
            counters,
            path: path.map(Path::to_owned),
            #[cfg(any(test, fuzzing))]
            inline: None,
        };
        Ok((store, token_key))
    }

    /// Runs `work` in the writer and returns when its effects are durable. An `Err` rolls its effects back. `work` may
    /// run twice, when another job of the same commit had to be rolled back; the effects of the first run are rolled
    /// back then. What it logs belongs to the caller's span.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Fn(&JobContext<'_>) -> Result<T, ApiError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let span = tracing::Span::current();
        let work = move |within: &JobContext<'_>| span.in_scope(|| work(within));
        self.enqueue(Box::new(ClosureJob::new(work, reply)))?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Runs `work` on a snapshot that contains everything acknowledged so far.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, ApiError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let sent = match &*self.readers.read().unwrap_or_else(PoisonError::into_inner) {
            Some(readers) => readers.send(reader::job(work, reply)).map_err(|_| closed()),
            #[cfg(any(test, fuzzing))]
            None if self.inline.is_some() => {
                self.enqueue(Box::new(ClosureJob::new(move |on: &JobContext<'_>| work(on.db), reply)))
            }
            None if self.path.is_none() => {
                self.enqueue(Box::new(ClosureJob::new(move |on: &JobContext<'_>| work(on.db), reply)))
            }
            None => Err(closed()),
        };
        sent?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Like [`Store::read`], but on the caller's thread; for work that reads a few rows by key.
    pub(crate) async fn look_up<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, ApiError> + Send + 'static,
    {
        if let Some(lookups) = &*self.lookups.read().unwrap_or_else(PoisonError::into_inner) {
            return lookups.run(work);
        }
        self.read(work).await
    }

    fn enqueue(&self, job: Box<dyn Job>) -> Result<(), ApiError> {
        #[cfg(any(test, fuzzing))]
        if let Some(inline) = &self.inline {
            return inline.run(job);
        }
        match &*self.writer.read().unwrap_or_else(PoisonError::into_inner) {
            Some(writer) => writer.send(job).map_err(|_| closed()),
            None => Err(closed()),
        }
    }

    pub(crate) fn signals(&self) -> &Signals {
        &self.signals
    }

    pub(crate) fn statistics(&self) -> Statistics {
        Statistics {
            commits: self.counters.commits.load(Ordering::Relaxed),
            jobs: self.counters.jobs.load(Ordering::Relaxed),
        }
    }

    /// Whether commits work. After a failed commit, tries another one to find out whether there is room again.
    pub(crate) async fn check_writes(&self) -> Result<(), CommitFailure> {
        if self.counters.health.failure().is_none() {
            return Ok(());
        }
        let probe = self.write(|on| {
            let insert = "INSERT INTO secrets (name, value) VALUES ('write-probe', zeroblob(?1))";
            on.db.prepare_cached(insert)?.execute([PROBE_BYTES])?;
            on.db.prepare_cached("DELETE FROM secrets WHERE name = 'write-probe'")?.execute([])?;
            Ok(())
        });
        if let Err(error) = probe.await {
            tracing::debug!(%error, "commits still fail");
        }
        self.counters.health.failure().map_or(Ok(()), Err)
    }

    /// Finishes the waiting jobs, closes the file and ends the threads. Later jobs are refused.
    pub(crate) fn close(&self) {
        #[cfg(any(test, fuzzing))]
        if let Some(inline) = &self.inline {
            inline.close();
        }
        self.lookups.write().unwrap_or_else(PoisonError::into_inner).take();
        self.readers.write().unwrap_or_else(PoisonError::into_inner).take();
        self.writer.write().unwrap_or_else(PoisonError::into_inner).take();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{SeededRng, SystemClock},
        migrations::SCHEMA,
    };

    #[tokio::test]
    async fn all_waiting_jobs_share_one_commit() {
        let store = Store::open(None, Arc::new(SystemClock), &SeededRng::new(1), SCHEMA).unwrap().0;
        let (release, held) = mpsc::channel::<()>();
        let blocker = store.write(move |_| held.recv().map_err(|_| closed()));
        let mut blocker = Box::pin(blocker);
        assert!(futures_util::poll!(&mut blocker).is_pending());
        // These wait behind the blocker, so the writer takes them all at once.
        let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(store.write(|_| Ok(())))).collect();
        for job in &mut waiting {
            assert!(futures_util::poll!(job).is_pending());
        }
        release.send(()).unwrap();
        blocker.await.unwrap();
        for job in waiting {
            job.await.unwrap();
        }
        let Statistics { commits, jobs } = store.statistics();
        assert_eq!(jobs, 101);
        // The blocker's own commit may have included some of them.
        assert!(commits <= 2, "{commits} commits");
    }

    #[tokio::test]
    async fn a_full_disk_fails_only_large_writes_and_recovers() {
        let folder = std::env::temp_dir().join(format!("engine-full-{}", std::process::id()));
        let open = || {
            Store::open(Some(&folder.join("cloud.db")), Arc::new(SystemClock), &SeededRng::new(1), SCHEMA).unwrap().0
        };
        let insert = |name: &'static str, bytes: usize| {
            move |on: &JobContext<'_>| {
                on.db.execute("INSERT INTO secrets (name, value) VALUES (?1, zeroblob(?2))", (name, bytes as i64))?;
                Ok(())
            }
        };
        // SQLite reports this limit of its own like a full disk.
        let limit = |pages: i64| {
            move |on: &JobContext<'_>| {
                on.db.pragma_update(None, "max_page_count", pages)?;
                Ok(())
            }
        };
        let store = open();
        store.write(insert("before", 10)).await.unwrap();
        store.write(limit(1)).await.unwrap();
        let refused = store.write(insert("too much", 1 << 20)).await.unwrap_err();
        assert!(refused.message.contains("full"), "{refused}");
        let read = |db: &Connection| {
            let mut query = db.prepare("SELECT name FROM secrets ORDER BY name")?;
            Ok(query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?)
        };
        assert_eq!(store.read(read).await.unwrap(), ["before", "task-token-key"]);
        store.write(limit(1 << 20)).await.unwrap();
        store.write(insert("after", 1 << 20)).await.unwrap();
        drop(store);
        assert_eq!(open().read(read).await.unwrap(), ["after", "before", "task-token-key"]);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn a_panicking_job_is_an_error_and_the_next_one_runs() {
        let store = Store::open(None, Arc::new(SystemClock), &SeededRng::new(1), SCHEMA).unwrap().0;
        let failed = store.write(|_| -> Result<(), ApiError> { panic!("oh") }).await.unwrap_err();
        assert!(failed.message.contains("oh"), "{failed}");
        assert_eq!(store.write(|_| Ok(7)).await, Ok(7));
    }

    #[tokio::test]
    async fn only_the_failed_job_of_a_batch_is_rolled_back() {
        let store = Store::open(None, Arc::new(SystemClock), &SeededRng::new(1), SCHEMA).unwrap().0;
        let (release, held) = mpsc::channel::<()>();
        // It may run twice; the second time nothing blocks it.
        let mut blocker = Box::pin(store.write(move |_| Ok(held.recv().is_err())));
        assert!(futures_util::poll!(&mut blocker).is_pending());
        // These wait behind the blocker, so the writer takes them all at once.
        let mut waiting: Vec<_> = (0..9)
            .map(|number| {
                Box::pin(store.write(move |on| {
                    let sql = "INSERT INTO secrets (name, value) VALUES (?1, x'00')";
                    on.db.execute(sql, [format!("{number}")])?;
                    if number % 3 == 1 { Err(ApiError::validation("no")) } else { Ok(number) }
                }))
            })
            .collect();
        for job in &mut waiting {
            assert!(futures_util::poll!(job).is_pending());
        }
        drop(release);
        assert!(blocker.await.unwrap());
        for (number, job) in waiting.into_iter().enumerate() {
            let expected = if number % 3 == 1 { Err(ApiError::validation("no")) } else { Ok(number) };
            assert_eq!(job.await, expected);
        }
        let names = store.read(|db| {
            let mut query = db.prepare("SELECT name FROM secrets WHERE length(name) = 1 ORDER BY name")?;
            Ok(query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?)
        });
        assert_eq!(names.await.unwrap(), ["0", "2", "3", "5", "6", "8"]);
        assert_eq!(store.statistics().jobs, 11);
    }

    #[tokio::test]
    async fn a_failed_job_is_rolled_back() {
        let store = Store::open(None, Arc::new(SystemClock), &SeededRng::new(1), SCHEMA).unwrap().0;
        let count = |db: &Connection| Ok(db.query_row("SELECT count(*) FROM secrets", [], |row| row.get::<_, i64>(0))?);
        let failed = store.write(|on| {
            on.db.execute("DELETE FROM secrets", [])?;
            Err::<(), _>(ApiError::validation("no"))
        });
        failed.await.unwrap_err();
        assert_eq!(store.read(count).await, Ok(1));
    }
}
