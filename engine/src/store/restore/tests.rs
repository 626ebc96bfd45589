//! Restores that are interrupted at every step.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use super::*;
use crate::{
    clock::{SeededRng, SystemClock},
    migrations::SCHEMA,
    store::{Store, back_up, files::fail_after},
};

const NOW: Timestamp = Timestamp(1_795_168_800_000);

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("engine-restore-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn open(path: &Path) -> Store {
    Store::open(Some(path), Arc::new(SystemClock), &SeededRng::new(1), SCHEMA).unwrap().0
}

async fn write(store: &Store, name: &'static str, value: &'static str) {
    let write = store.write(move |on| {
        on.db.execute("INSERT INTO secrets (name, value) VALUES (?1, CAST(?2 AS BLOB))", (name, value))?;
        Ok(())
    });
    write.await.unwrap();
}

/// The names of the rows that [`write`] wrote.
async fn written(store: &Store) -> Vec<String> {
    let names = store.read(|db| {
        let mut query = db.prepare("SELECT name FROM secrets WHERE name <> 'task-token-key' ORDER BY name")?;
        let names = query.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    });
    names.await.unwrap()
}

/// A store as `kill -9` leaves it: the second of two writes is only in the log.
async fn killed(folder: &Folder) -> PathBuf {
    let path = folder.file("running.db");
    let store = open(&path);
    write(&store, "old-1", "x").await;
    store.write(|on| Ok(on.db.execute_batch("SELECT 1")?)).await.unwrap();
    write(&store, "old-2", "x").await;
    let left = folder.file("cloud.db");
    for suffix in ["", "-wal", "-shm"] {
        fs::copy(with_suffix(&path, suffix), with_suffix(&left, suffix)).unwrap();
    }
    assert!(fs::metadata(with_suffix(&left, "-wal")).unwrap().len() > 0, "nothing is in the log only");
    left
}

/// A backup with other contents.
async fn backup(folder: &Folder) -> PathBuf {
    let (path, to) = (folder.file("other.db"), folder.file("backup"));
    let store = open(&path);
    write(&store, "new", "x").await;
    back_up(&path, &to, false, SCHEMA).unwrap();
    to
}

fn restore(store: &Path, from: &Path) -> Result<Restored, RestoreError> {
    let staged = stage(store, from, SCHEMA)?;
    let lock = Lock::take(store).unwrap();
    staged.install(&lock, NOW)
}

#[tokio::test]
async fn a_crash_at_any_step_of_a_restore_leaves_either_the_old_or_the_new_store() {
    let (mut old, mut new) = (0, 0);
    for steps in 0.. {
        let folder = Folder::new();
        let (store, from) = (killed(&folder).await, backup(&folder).await);
        fail_after(Some(steps));
        let outcome = restore(&store, &from);
        fail_after(None);
        let opened = open(&store);
        match written(&opened).await.as_slice() {
            [one, two] if one == "old-1" && two == "old-2" => {
                old += 1;
                assert!(outcome.is_err(), "the restore was said to be done after {steps} steps");
            }
            [one] if one == "new" => {
                new += 1;
                // The old store is kept with its log, and can be restored in turn.
                let kept = with_suffix(&store, ".before-20261120T100000Z");
                drop(opened);
                restore(&store, &kept).unwrap();
                assert_eq!(written(&open(&store)).await, ["old-1", "old-2"]);
            }
            other => panic!("a mix after {steps} steps: {other:?}"),
        }
        assert!(!with_suffix(&store, STAGING).exists(), "the copy was left behind after {steps} steps");
        if outcome.is_ok() {
            break;
        }
    }
    assert!(old >= 5 && new >= 5, "{old} steps before the moment that decides, {new} after it");
}

#[tokio::test]
async fn a_crash_while_completing_a_restore_is_repaired_by_the_next_completion() {
    for steps in 0..8 {
        let folder = Folder::new();
        let (store, from) = (killed(&folder).await, backup(&folder).await);
        let staged = stage(&store, &from, SCHEMA).unwrap();
        let lock = Lock::take(&store).unwrap();
        // Interrupted after the commit point.
        fail_after(Some(2));
        staged.install(&lock, NOW).unwrap_err();
        fail_after(Some(steps));
        let _ = finish(&store);
        fail_after(None);
        drop(lock);
        assert_eq!(written(&open(&store)).await, ["new"], "{steps}");
        assert_eq!(
            written(&open(&with_suffix(&store, ".before-20261120T100000Z"))).await,
            ["old-1", "old-2"],
            "{steps}"
        );
    }
}

#[tokio::test]
async fn two_restores_in_one_second_keep_both_old_stores() {
    let folder = Folder::new();
    let (store, from) = (killed(&folder).await, backup(&folder).await);
    let first = restore(&store, &from).unwrap().kept.unwrap();
    let second = restore(&store, &from).unwrap().kept.unwrap();
    assert_ne!(first, second);
    assert_eq!(written(&open(&first)).await, ["old-1", "old-2"]);
    assert_eq!(written(&open(&second)).await, ["new"]);
}
