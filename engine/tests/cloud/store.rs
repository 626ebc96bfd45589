//! The store file: durability, refused files, group commits.

use std::{fs, path::Path, sync::Arc, time::Duration};

use crate::common::{Cloud, Folder, MORNING, eventually};
use engine::{
    Engine, OpenError, Options,
    clock::{ManualClock, SeededRng},
    error::Outage,
};
use serde_json::json;

fn open(path: &Path) -> Result<Engine, OpenError> {
    let (clock, rng) = (Arc::new(ManualClock::starting_at(MORNING)), Arc::new(SeededRng::new(1)));
    Engine::open(Options { path: Some(path.to_owned()), clock, rng, ..Options::default() })
}

/// Creates a store with a few pages and closes it.
async fn made(folder: &Folder) {
    let cloud = Cloud::open(Some(&folder.file()), ManualClock::starting_at(MORNING));
    for number in 0..50 {
        cloud.events.create_event_bus().name(format!("bus-{number}")).send().await.unwrap();
    }
    cloud.engine.shutdown().await;
}

/// Opening must fail and leave the file unchanged.
fn refused(folder: &Folder) -> OpenError {
    let before = fs::read(folder.file()).unwrap();
    let error = open(&folder.file()).unwrap_err();
    assert_eq!(fs::read(folder.file()).unwrap(), before, "the refused file was changed");
    error
}

#[tokio::test]
async fn acknowledged_writes_survive_reopening() {
    let folder = Folder::new();
    made(&folder).await;
    let cloud = Cloud::open(Some(&folder.file()), ManualClock::starting_at(MORNING));
    assert_eq!(cloud.events.list_event_buses().send().await.unwrap().event_buses().len(), 51);
}

#[tokio::test]
async fn a_second_process_cannot_open_the_file() {
    let folder = Folder::new();
    let first = open(&folder.file()).unwrap();
    assert!(matches!(open(&folder.file()).unwrap_err(), OpenError::InUse(_)));
    first.shutdown().await;
    open(&folder.file()).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_can_be_read_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    made(&folder).await;
    let rights = std::fs::metadata(folder.file()).unwrap().permissions().mode();
    assert_eq!(rights & 0o077, 0, "{rights:o}");
}

#[tokio::test]
async fn a_file_of_a_newer_release_is_refused() {
    let folder = Folder::new();
    made(&folder).await;
    let db = rusqlite::Connection::open(folder.file()).unwrap();
    db.pragma_update(None, "user_version", engine::VERSION + 1).unwrap();
    drop(db);
    let error = refused(&folder);
    assert!(matches!(error, OpenError::Newer { .. }), "{error}");
    assert!(error.to_string().contains("newer release"), "{error}");
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let folder = Folder::new();
    made(&folder).await;
    let whole = fs::read(folder.file()).unwrap();

    let mut scribbled = whole.clone();
    for byte in &mut scribbled[4096..8192] {
        *byte = 0x5A;
    }
    fs::write(folder.file(), scribbled).unwrap();
    assert!(matches!(refused(&folder), OpenError::Damaged { .. }));

    fs::write(folder.file(), &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(refused(&folder), OpenError::Damaged { .. }));

    fs::write(folder.file(), b"this has never been a database, however long one looks at it").unwrap();
    assert!(matches!(refused(&folder), OpenError::Damaged { .. }));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_read_only_folder_is_refused_with_a_helpful_message() {
    // Nobody can create a file there, not even root.
    let error = open(Path::new("/proc/sys/kernel/cloud.db")).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }), "{error}");
    assert!(error.to_string().contains("Check that the folder may be written"), "{error}");
}

#[tokio::test]
async fn a_write_ahead_log_without_its_database_is_refused_and_left_unchanged() {
    let folder = Folder::new();
    made(&folder).await;
    let database = fs::read(folder.file()).unwrap();
    let log = folder.path().join("cloud.db-wal");
    fs::write(&log, vec![7; 5000]).unwrap();
    // SQLite treats a file of one byte as empty.
    for content in [Some(b"".as_slice()), Some(b"x"), None] {
        let empty = content.is_some();
        match content {
            Some(content) => fs::write(folder.file(), content).unwrap(),
            None => fs::remove_file(folder.file()).unwrap(),
        }
        let error = open(&folder.file()).unwrap_err();
        assert!(matches!(error, OpenError::OrphanedLog { is_empty, bytes: 5000, .. } if is_empty == empty), "{error}");
        assert!(error.to_string().contains("doppio restore"), "{error}");
        assert_eq!(fs::read(&log).unwrap(), vec![7; 5000]);
        assert_eq!(fs::exists(folder.file()).unwrap(), empty);
    }
    fs::write(folder.file(), database).unwrap();
    fs::write(&log, b"").unwrap();
    open(&folder.file()).unwrap();
}

/// Changes to the structure of a store, and how to undo each.
pub(crate) const STRUCTURE_CHANGES: [(&str, &str); 6] = [
    ("ALTER TABLE outbox RENAME TO gone", "ALTER TABLE gone RENAME TO outbox"),
    ("DROP INDEX timers_by_due", "CREATE INDEX timers_by_due ON timers (due)"),
    ("CREATE TRIGGER stop AFTER INSERT ON outbox BEGIN DELETE FROM outbox; END", "DROP TRIGGER stop"),
    ("CREATE TABLE photos (name TEXT)", "DROP TABLE photos"),
    ("CREATE VIEW orders AS SELECT * FROM executions", "DROP VIEW orders"),
    ("ALTER TABLE timers ADD COLUMN extra TEXT", "ALTER TABLE timers DROP COLUMN extra"),
];

#[tokio::test]
async fn a_file_whose_structure_was_changed_is_refused() {
    let folder = Folder::new();
    made(&folder).await;
    for (change, undo) in STRUCTURE_CHANGES {
        let db = rusqlite::Connection::open(folder.file()).unwrap();
        db.execute_batch(change).unwrap();
        let error = refused(&folder);
        assert!(matches!(error, OpenError::Altered { .. }), "{change}: {error}");
        db.execute_batch(undo).unwrap();
    }
    // Tables that SQLite adds do no harm.
    rusqlite::Connection::open(folder.file()).unwrap().execute_batch("ANALYZE").unwrap();
    open(&folder.file()).unwrap();
}

#[tokio::test]
async fn a_full_disk_is_reported_until_a_commit_succeeds() {
    let folder = Folder::new();
    let cloud = Cloud::open(Some(&folder.file()), ManualClock::starting_at(MORNING));
    assert_eq!(cloud.engine.check_writes().await, Ok(()));
    cloud.engine.limit_pages(Some(1)).await.unwrap();
    // Nothing has failed yet.
    assert_eq!(cloud.engine.check_writes().await, Ok(()));
    let mut failed = None;
    for number in 0..1_000 {
        let create = cloud.events.create_event_bus().name(format!("bus-{number}"));
        if let Err(error) = create.description("x".repeat(500)).send().await {
            failed = Some(error);
            break;
        }
    }
    assert!(failed.is_some(), "the store has grown beyond its limit");
    cloud.clock.advance(Duration::from_secs(5));
    for _ in 0..2 {
        let failure = cloud.engine.check_writes().await.unwrap_err();
        assert_eq!((failure.since, failure.outage), (MORNING, Outage::Full));
        assert!(failure.outage.to_string().contains("the disk is full"));
    }
    cloud.engine.limit_pages(None).await.unwrap();
    assert_eq!(cloud.engine.check_writes().await, Ok(()));
    cloud.events.create_event_bus().name("after").send().await.unwrap();
}

#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    let folder = Folder::new();
    let db = rusqlite::Connection::open(folder.file()).unwrap();
    db.execute_batch("CREATE TABLE photos (name TEXT)").unwrap();
    drop(db);
    assert!(matches!(refused(&folder), OpenError::Foreign(_)));
}

#[tokio::test]
async fn a_failing_job_of_a_commit_does_not_affect_the_others() {
    let cloud = Cloud::in_memory();
    let pattern = json!({ "source": ["s"] }).to_string();
    let put =
        |name: &str, bus: &str| cloud.events.put_rule().name(name).event_bus_name(bus).event_pattern(&pattern).send();
    let (good, bad, good_too) = tokio::join!(put("a", "default"), put("b", "no-such-bus"), put("c", "default"));
    good.unwrap();
    good_too.unwrap();
    assert!(bad.unwrap_err().into_service_error().is_resource_not_found_exception());
    let rules = cloud.events.list_rules().send().await.unwrap();
    let names: Vec<_> = rules.rules().iter().map(|rule| rule.name().unwrap()).collect();
    assert_eq!(names, ["a", "c"]);
}

#[tokio::test]
async fn a_closed_engine_refuses_instead_of_hanging() {
    let cloud = Cloud::in_memory();
    cloud.engine.start();
    cloud.engine.shutdown().await;
    assert!(cloud.engine.dead_letters().await.is_err());
}

#[tokio::test]
async fn an_item_is_deleted_after_its_time_to_live() {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
        TimeToLiveSpecification,
    };
    let cloud = Cloud::in_memory();
    let key = KeySchemaElement::builder().attribute_name("PK").key_type(KeyType::Hash).build().unwrap();
    let attribute = AttributeDefinition::builder().attribute_name("PK").attribute_type(ScalarAttributeType::S);
    let create = cloud.tables.create_table().table_name("table").billing_mode(BillingMode::PayPerRequest);
    create.key_schema(key).attribute_definitions(attribute.build().unwrap()).send().await.unwrap();
    let expiry = TimeToLiveSpecification::builder().attribute_name("ttl").enabled(true).build().unwrap();
    cloud.tables.update_time_to_live().table_name("table").time_to_live_specification(expiry).send().await.unwrap();
    let due = (MORNING.millis() / 1000 + 30).to_string();
    let put = cloud.tables.put_item().table_name("table").item("PK", AttributeValue::S("a".to_owned()));
    put.item("ttl", AttributeValue::N(due)).send().await.unwrap();
    cloud.engine.start();
    let get = || cloud.tables.get_item().table_name("table").key("PK", AttributeValue::S("a".to_owned())).send();
    assert!(get().await.unwrap().item.is_some());
    eventually("the sweep", || async {
        cloud.clock.advance(Duration::from_secs(61));
        get().await.unwrap().item.is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_function_that_never_answers_does_not_block_the_shutdown() {
    let cloud = Cloud::in_memory();
    let (called, mut calls) = tokio::sync::mpsc::unbounded_channel();
    let hang = move |payload| {
        called.send(payload).ok();
        Box::pin(std::future::pending()) as _
    };
    let arn = cloud.engine.register_function("hangs", Arc::new(hang));
    cloud.rule("default", "r", json!({ "source": ["test"] }), &arn).await;
    cloud.engine.start();
    cloud.put("default", "t", json!({})).await;
    crate::common::next(&mut calls).await;
    let mut shutdown = Box::pin(cloud.engine.shutdown());
    assert!(futures_util::poll!(&mut shutdown).is_pending());
    cloud.clock.advance(Duration::from_secs(11));
    tokio::time::timeout(Duration::from_secs(20), shutdown).await.expect("the shutdown still waits");
}
