//! The file: durable, refused when it is not ours, committed in groups.

use std::{fs, path::Path, sync::Arc};

use crate::common::{Cloud, Folder, MORNING};
use engine::{
    Engine, OpenError, Options,
    clock::{ManualClock, SeededRng},
};
use serde_json::json;

fn open(path: &Path) -> Result<Engine, OpenError> {
    let (clock, rng) = (Arc::new(ManualClock::starting_at(MORNING)), Arc::new(SeededRng::new(1)));
    Engine::open(Options { path: Some(path.to_owned()), clock, rng, ..Options::default() })
}

/// A closed store with a few pages.
async fn made(folder: &Folder) {
    let cloud = Cloud::open(Some(&folder.file()), ManualClock::starting_at(MORNING));
    for number in 0..50 {
        cloud.events.create_event_bus().name(format!("bus-{number}")).send().await.unwrap();
    }
    cloud.engine.shutdown().await;
}

/// Opening must fail and leave every byte of the file.
fn refused(folder: &Folder) -> OpenError {
    let before = fs::read(folder.file()).unwrap();
    let error = open(&folder.file()).unwrap_err();
    assert_eq!(fs::read(folder.file()).unwrap(), before, "the refused file was changed");
    error
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_opening_again() {
    let folder = Folder::new();
    made(&folder).await;
    let cloud = Cloud::open(Some(&folder.file()), ManualClock::starting_at(MORNING));
    assert_eq!(cloud.events.list_event_buses().send().await.unwrap().event_buses().len(), 51);
}

#[tokio::test]
async fn a_second_process_is_refused_while_the_first_has_the_file() {
    let folder = Folder::new();
    let first = open(&folder.file()).unwrap();
    assert!(matches!(open(&folder.file()).unwrap_err(), OpenError::InUse(_)));
    first.shutdown().await;
    open(&folder.file()).unwrap();
}

#[tokio::test]
async fn a_file_of_a_newer_release_is_refused() {
    let folder = Folder::new();
    made(&folder).await;
    let db = rusqlite::Connection::open(folder.file()).unwrap();
    db.pragma_update(None, "user_version", engine::store::VERSION + 1).unwrap();
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

#[tokio::test]
async fn a_database_of_something_else_is_refused() {
    let folder = Folder::new();
    let db = rusqlite::Connection::open(folder.file()).unwrap();
    db.execute_batch("CREATE TABLE photos (name TEXT)").unwrap();
    drop(db);
    assert!(matches!(refused(&folder), OpenError::Foreign(_)));
}

#[tokio::test]
async fn one_failing_job_of_a_commit_leaves_no_trace_and_harms_no_other() {
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
