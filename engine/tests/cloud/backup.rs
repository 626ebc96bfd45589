//! Backups while the engine runs, and files that are not restored.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use engine::{
    backup::{BackupError, RestoreError, back_up, stage},
    clock::ManualClock,
    store::{CheckError, Lock},
};
use serde_json::json;

use crate::{
    common::{Cloud, Folder, MORNING},
    shop::{self, barista_token, customer_token, state_of, succeed},
    store::STRUCTURE_CHANGES,
};

const NOTES: &str = "serverlesspresso-config-table";

fn open(path: &Path) -> Cloud {
    Cloud::open(Some(path), ManualClock::starting_at(MORNING))
}

async fn note(cloud: &Cloud, key: &str) -> Option<i64> {
    let get = cloud.tables.get_item().table_name(NOTES).key("PK", AttributeValue::S(key.to_owned()));
    let item = get.send().await.unwrap().item?;
    item.get("n")?.as_n().unwrap().parse().ok()
}

/// A closed store and a backup of it. Both contain a shop; only the store contains a bus.
async fn shop_and_backup(folder: &Folder) -> (PathBuf, PathBuf) {
    let (store, backup) = (folder.file(), folder.path().join("backup"));
    let cloud = open(&store);
    shop::build(&cloud).await;
    back_up(&store, &backup, false).unwrap();
    cloud.events.create_event_bus().name("later").send().await.unwrap();
    cloud.engine.shutdown().await;
    (store, backup)
}

/// The contents of all files in the folder.
fn file_contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_a_snapshot_with_everything_acknowledged_before() {
    let folder = Folder::new();
    let store = folder.file();
    let cloud = Arc::new(open(&store));
    shop::build(&cloud).await;
    let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
    let writer = async {
        let mut number = 0;
        while !stop.load(Ordering::SeqCst) {
            number += 1;
            let put = |key: &str| {
                let item = Put::builder().table_name(NOTES).item("PK", AttributeValue::S(key.to_owned()));
                let item = item.item("n", AttributeValue::N(number.to_string())).build().unwrap();
                TransactWriteItem::builder().put(item).build()
            };
            let both = cloud.tables.transact_write_items().transact_items(put("a")).transact_items(put("b"));
            both.send().await.unwrap();
            acknowledged.store(number, Ordering::SeqCst);
        }
    };
    let backups = async {
        let mut made = Vec::new();
        for number in 0..5 {
            let before = acknowledged.load(Ordering::SeqCst);
            let (store, to) = (store.clone(), folder.path().join(format!("backup-{number}")));
            let backup = {
                let to = to.clone();
                tokio::task::spawn_blocking(move || back_up(&store, &to, false)).await.unwrap().unwrap()
            };
            assert_eq!((backup.bytes, backup.format), (fs::metadata(&to).unwrap().len(), engine::VERSION));
            made.push((to, before));
        }
        stop.store(true, Ordering::SeqCst);
        made
    };
    let ((), made) = tokio::join!(writer, backups);
    let last = made.last().unwrap().1;
    assert!(last > 0, "nothing was written during the backup");
    for (path, before) in made {
        let cloud = open(&path);
        let (a, b) = (note(&cloud, "a").await, note(&cloud, "b").await);
        assert_eq!(a, b, "the backup has half of a transaction");
        assert!(a.unwrap_or(0) >= before, "{a:?} is older than {before}, which was acknowledged");
    }
}

#[tokio::test]
async fn waiting_executions_continue_after_a_restore() {
    let folder = Folder::new();
    let (store, backup) = (folder.file(), folder.path().join("backup"));
    let cloud = open(&store);
    shop::register_functions(&cloud);
    shop::build(&cloud).await;
    cloud.engine.start();
    let execution = shop::order(&cloud, "o").await;
    let token = customer_token(&cloud, "o").await;
    back_up(&store, &backup, false).unwrap();
    succeed(&cloud, &token, json!({})).await;
    succeed(&cloud, &barista_token(&cloud, "o").await.0, json!({})).await;
    shop::order(&cloud, "after").await;
    cloud.engine.shutdown().await;

    let restored = stage(&store, &backup).unwrap().install(&Lock::take(&store).unwrap(), MORNING).unwrap();
    let cloud = open(&store);
    shop::register_functions(&cloud);
    cloud.engine.start();
    assert_eq!(state_of(&cloud, &execution).await.0, "RUNNING".into());
    assert!(cloud.sfn.describe_execution().execution_arn(execution.replace(":o", ":after")).send().await.is_err());
    // The token is open again: in the restored store it has not been used.
    succeed(&cloud, &token, json!({})).await;
    succeed(&cloud, &barista_token(&cloud, "o").await.0, json!({})).await;
    assert_eq!(state_of(&cloud, &execution).await.0, "SUCCEEDED".into());
    // The old store is kept complete.
    let kept = open(&restored.kept.unwrap());
    assert_eq!(state_of(&kept, &execution).await.0, "SUCCEEDED".into());
}

#[cfg(unix)]
#[tokio::test]
async fn a_backup_is_private_and_replaces_a_file_only_on_request() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let (store, backup) = shop_and_backup(&folder).await;
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);

    let photo = folder.path().join("photo.jpg");
    fs::write(&photo, "not to be lost").unwrap();
    let error = back_up(&store, &photo, false).unwrap_err();
    assert!(matches!(error, BackupError::Exists(_)), "{error}");
    assert_eq!(fs::read(&photo).unwrap(), b"not to be lost");
    back_up(&store, &backup, true).unwrap();
    let cloud = open(&backup);
    cloud.events.describe_event_bus().name("later").send().await.unwrap();
}

#[tokio::test]
async fn a_missing_damaged_or_foreign_store_is_not_backed_up() {
    let folder = Folder::new();
    let nowhere = folder.path().join("nowhere");
    let to = folder.path().join("to");
    let error = back_up(&nowhere.join("cloud.db"), &to, false).unwrap_err();
    assert!(matches!(error, BackupError::Missing(_)) && !nowhere.exists(), "{error}");

    let (store, _) = shop_and_backup(&folder).await;
    let mut bytes = fs::read(&store).unwrap();
    // A page of table rows: indexes are built anew in the copy.
    let definition = bytes.windows(9).position(|window| window == b"\"StartAt\"").unwrap();
    let page = definition / 4096 * 4096;
    bytes[page..page + 4096].fill(0x5A);
    fs::write(&store, &bytes).unwrap();
    let error = back_up(&store, &to, false).unwrap_err();
    assert!(matches!(error, BackupError::Store { reason: CheckError::Damaged(_), .. }), "{error}");

    fs::write(&store, "a shopping list").unwrap();
    let error = back_up(&store, &to, false).unwrap_err();
    assert!(matches!(error, BackupError::Store { reason: CheckError::Foreign, .. }), "{error}");
    let left: Vec<_> = file_contents(folder.path()).into_iter().map(|(path, _)| path).collect();
    assert!(left.iter().all(|path| !path.starts_with(&to)), "{left:?}");
    assert!(!left.iter().any(|path| path.to_string_lossy().contains("partial")), "{left:?}");
}

#[tokio::test]
async fn a_damaged_newer_or_foreign_file_is_not_restored() {
    let folder = Folder::new();
    let (store, backup) = shop_and_backup(&folder).await;
    let whole = fs::read(&backup).unwrap();
    let edited = |statements: &str| {
        let db = rusqlite::Connection::open(&backup).unwrap();
        db.execute_batch(statements).unwrap();
        drop(db);
        let bytes = fs::read(&backup).unwrap();
        fs::write(&backup, &whole).unwrap();
        bytes
    };
    let mut scribbled = whole.clone();
    scribbled[40_000..44_096].fill(0x5A);
    // Every page is intact, but an index does not match its table.
    let crooked = edited(
        "PRAGMA writable_schema = 1;
         UPDATE sqlite_schema SET sql = replace(sql, '(machine_arn, id)', '(name, id)') WHERE name = 'executions_by_machine';
         INSERT INTO executions (arn, arn_hash, machine_arn, revision, name, status, input, started)
             VALUES ('a', 1, 'm', 'r', 'n', 'RUNNING', '{}', 0);",
    );
    let refusals: [(&str, Vec<u8>, &str); 8] = [
        ("scribbled on", scribbled, "damaged"),
        ("cut short", whole[..whole.len() / 2].to_vec(), "damaged"),
        ("with an index that does not fit", crooked, "damaged"),
        ("without a table", edited("DROP TABLE timers"), "timers_by_due is missing"),
        ("newer", edited("PRAGMA user_version = 1000"), "newer release"),
        ("of something else", edited("PRAGMA application_id = 7"), "not the data of a bar"),
        ("text", b"dear diary, however long one looks at it, this is no database".to_vec(), "not the data of a bar"),
        ("empty", Vec::new(), "not the data of a bar"),
    ];
    for (what, bytes, why) in refusals {
        let bad = folder.path().join("bad");
        fs::write(&bad, bytes).unwrap();
        let before = file_contents(folder.path());
        let error = stage(&store, &bad).expect_err(what);
        assert!(matches!(error, RestoreError::Invalid { .. }), "{what}: {error}");
        assert!(
            error.to_string().contains(why) && error.to_string().contains("Nothing was changed"),
            "{what}: {error}"
        );
        assert!(file_contents(folder.path()) == before, "{what}: something was changed");
    }
    let missing = stage(&store, &folder.path().join("nowhere")).unwrap_err();
    assert!(matches!(missing, RestoreError::Missing(_)), "{missing}");
}

#[tokio::test]
async fn a_store_in_use_is_neither_a_backup_nor_replaced() {
    let folder = Folder::new();
    let (store, backup) = shop_and_backup(&folder).await;
    let other = folder.path().join("other.db");
    let running = open(&other);
    let error = stage(&store, &other).unwrap_err();
    assert!(matches!(error, RestoreError::InUse(_)), "{error}");
    assert!(matches!(stage(&store, &store).unwrap_err(), RestoreError::InUse(_)));
    // The running process keeps its lock, without which nothing is installed.
    drop(stage(&other, &backup).unwrap());
    Lock::take(&other).unwrap_err();
    running.engine.shutdown().await;
    Lock::take(&other).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_backup_does_not_replace_folders_or_devices() {
    let folder = Folder::new();
    let store = folder.file();
    let cloud = open(&store);
    let elsewhere = Folder::new();
    // A socket stands for a device such as /dev/null, which only root can create.
    let (socket, directory) = (elsewhere.path().join("socket"), elsewhere.path().join("directory"));
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    fs::create_dir(&directory).unwrap();
    for to in [&socket, &directory] {
        for replace in [false, true] {
            let error = back_up(&store, to, replace).unwrap_err();
            assert!(matches!(error, BackupError::NotAFile(_)), "{}: {error}", to.display());
        }
    }
    assert!(!fs::metadata(&socket).unwrap().is_file() && fs::metadata(&directory).unwrap().is_dir());
    cloud.engine.shutdown().await;
}

#[tokio::test]
async fn a_backup_onto_a_file_of_the_store_is_refused_under_any_name() {
    let folder = Folder::new();
    let store = folder.file();
    let cloud = open(&store);
    shop::build(&cloud).await;
    let elsewhere = Folder::new();
    let (linked, hard) = (elsewhere.path().join("link"), elsewhere.path().join("hard"));
    std::os::unix::fs::symlink(&store, &linked).unwrap();
    fs::hard_link(&store, &hard).unwrap();
    let own = |suffix: &str| PathBuf::from(format!("{}{suffix}", store.display()));
    let dotted = folder.path().join(".").join("cloud.db");
    let before = file_contents(folder.path());
    let targets = [own(""), own("-wal"), own("-shm"), own(".lock"), own("-journal"), own(".restored-x")];
    for to in targets.into_iter().chain([linked, hard.clone(), dotted]) {
        for replace in [false, true] {
            let error = back_up(&store, &to, replace).unwrap_err();
            assert!(matches!(error, BackupError::OwnFile(_)), "{}: {error}", to.display());
        }
    }
    assert_eq!(file_contents(folder.path()), before);
    let error = stage(&store, &hard).unwrap_err();
    assert!(matches!(error, RestoreError::InUse(_)), "{error}");
    // The lock of the store is still held, and the store can still be written.
    cloud.events.create_event_bus().name("after").send().await.unwrap();
    cloud.engine.shutdown().await;
    let error = back_up(&store, &own("-wal"), false).unwrap_err();
    assert!(matches!(error, BackupError::OwnFile(_)), "{error}");
}

#[tokio::test]
async fn a_backup_whose_structure_was_changed_is_not_restored() {
    let folder = Folder::new();
    let (store, backup) = shop_and_backup(&folder).await;
    for (change, undo) in STRUCTURE_CHANGES {
        let db = rusqlite::Connection::open(&backup).unwrap();
        db.execute_batch(change).unwrap();
        let error = stage(&store, &backup).unwrap_err();
        assert!(matches!(error, RestoreError::Invalid { reason: CheckError::Altered(_), .. }), "{change}: {error}");
        db.execute_batch(undo).unwrap();
    }
    stage(&store, &backup).unwrap();
}
