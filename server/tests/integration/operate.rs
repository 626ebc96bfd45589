//! The sub-commands besides `serve`, with the real program and real files, with and without a running server.

use std::{fs, path::Path};

use domain::{
    live::ServerFrame,
    view::{OrderView, Stage},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kit::{Process, doppio, write_site};

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_site(folder.path());
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn choosing(view: &OrderView) -> bool {
    view.choose_by.is_some()
}

fn numbered(view: &OrderView) -> bool {
    view.number.is_some()
}

/// The only file in `folder` whose name contains `part`.
fn find_file(folder: &Path, part: &str) -> std::path::PathBuf {
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let found: Vec<_> = files.iter().filter(|path| text(path).contains(part)).collect();
    assert_eq!(found.len(), 1, "{part}: {files:?}");
    found[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_with_a_running_server_restores_the_order_and_every_client_shows_it() {
    let (folder, other_folder) = (folder(), tempfile::tempdir().unwrap());
    let backup = other_folder.path().join("bar.backup");
    let process = Process::start(folder.path());
    let phone = process.browser();
    let first = phone.start("k").await;
    let topic = format!("order/{first}");
    let mut live = phone.live(&[&topic]).await;
    live.order(&first, choosing).await;
    let (succeeded, output) = doppio(folder.path(), &["backup", text(&backup)]);
    assert!(succeeded && output.contains("read again and verified"), "{output}");

    // The restore undoes what happened after the backup.
    phone.submit(&first, "Latte").await.ok();
    assert_eq!(live.order(&first, numbered).await.number.unwrap().0, 1);
    let late = process.browser();
    late.start("k").await;
    let (epoch, state) = (live.replica(&topic).position(), live.replica(&topic).state().clone());
    let (succeeded, output) = doppio(folder.path(), &["restore", text(&backup)]);
    assert!(succeeded && output.contains("The server has restarted"), "{output}");
    let kept = find_file(folder.path(), ".before-");
    assert!(output.contains(text(&kept)), "{output}");

    // Clients get `bye`, and find a new instance of the server at the same address.
    let mut last = None;
    while let Some(frame) = live.next().await {
        last = Some(frame);
    }
    assert!(matches!(last, Some(ServerFrame::Bye { .. })), "{last:?}");
    let mut live = phone.connect(Some(&format!("http://{}", process.address))).await.unwrap();
    live.resume(&topic, state, epoch).await;
    let Some(ServerFrame::Snapshot { .. }) = live.next_answer().await else {
        panic!("a new instance starts with a snapshot")
    };
    live.order(&first, |view| view.stage == Stage::Choosing).await;
    phone.submit(&first, "Mocha").await.ok();
    assert_eq!(live.order(&first, numbered).await.number.unwrap().0, 1);
    process.kill();

    // The previous data can be restored, with the order that was made after the backup.
    let (succeeded, output) = doppio(folder.path(), &["restore", text(&kept)]);
    assert!(succeeded && output.contains("The next start uses"), "{output}");
    let process = Process::start(folder.path());
    let orders = json!({
        "TableName": "serverlesspresso-order-table",
        "KeyConditionExpression": "PK = :orders",
        "ExpressionAttributeValues": { ":orders": { "S": "orders" } },
    });
    assert_eq!(process.aws("DynamoDB_20120810.Query", orders).await.ok()["Count"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_of_a_killed_server_is_backed_up_and_restored_with_its_log() {
    let (folder, other_folder) = (folder(), tempfile::tempdir().unwrap());
    let backup = other_folder.path().join("bar.backup");
    let process = Process::start(folder.path());
    let (phone, staff_path) = (process.browser(), process.staff_path.clone());
    let order = phone.start("k").await;
    phone.live(&[&format!("order/{order}")]).await.order(&order, choosing).await;
    process.kill();
    assert!(fs::metadata(folder.path().join("doppio.db-wal")).unwrap().len() > 0, "the log is empty");
    let (succeeded, output) = doppio(folder.path(), &["backup", text(&backup)]);
    assert!(succeeded, "{output}");

    // On another machine: an empty folder with a copy of the cookie key.
    let other = self::folder();
    fs::copy(folder.path().join("cookie.key"), other.path().join("cookie.key")).unwrap();
    let (succeeded, output) = doppio(other.path(), &["restore", text(&backup)]);
    assert!(succeeded && output.contains("There was no previous data"), "{output}");
    let process = Process::start(other.path());
    assert_eq!(process.staff_path, staff_path);
    let phone = phone.at(process.address);
    phone.submit(&order, "Latte").await.ok();
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    assert_eq!(live.order(&order, numbered).await.number.unwrap().0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unusable_backup_is_refused_with_the_reason_and_the_server_keeps_running() {
    let (folder, other_folder) = (folder(), tempfile::tempdir().unwrap());
    let file = |name: &str| other_folder.path().join(name);
    let process = Process::start(folder.path());
    let phone = process.browser();
    let order = phone.start("k").await;
    let topic = format!("order/{order}");
    let mut live = phone.live(&[&topic]).await;
    live.order(&order, choosing).await;
    let (succeeded, output) = doppio(folder.path(), &["backup", text(&file("good"))]);
    assert!(succeeded, "{output}");
    let good = fs::read(file("good")).unwrap();

    fs::write(file("diary"), "dear diary").unwrap();
    fs::write(file("half"), &good[..good.len() / 2]).unwrap();
    let mut newer = good.clone();
    // Bytes 60 to 63 of the file are its `user_version`.
    newer[60..64].copy_from_slice(&1_000_u32.to_be_bytes());
    fs::write(file("newer"), newer).unwrap();
    let own = folder.path().join("doppio.db");
    for (path, reason) in [
        (file("nowhere"), "is not there"),
        (file("diary"), "not the data of a bar"),
        (file("half"), "damaged"),
        (file("newer"), "newer release"),
        (own, "in use by a running bar"),
    ] {
        let (succeeded, output) = doppio(folder.path(), &["restore", text(&path)]);
        assert!(!succeeded && output.contains(reason), "{}: {output}", path.display());
    }
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!files.iter().any(|name| name.to_string_lossy().contains("rest")), "{files:?}");
    // The connection from before is still open.
    phone.submit(&order, "Latte").await.ok();
    live.order(&order, numbered).await;

    // An existing file is replaced only with `--replace`.
    let (succeeded, output) = doppio(folder.path(), &["backup", text(&file("diary"))]);
    assert!(!succeeded && output.contains("was left as it is"), "{output}");
    assert_eq!(fs::read(file("diary")).unwrap(), b"dear diary");
    let (succeeded, output) = doppio(folder.path(), &["backup", "--replace", text(&file("diary"))]);
    assert!(succeeded, "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_over_a_file_of_the_data_folder_is_refused_with_and_without_a_running_server() {
    let (folder, other_folder) = (folder(), tempfile::tempdir().unwrap());
    let process = Process::start(folder.path());
    let (link, hard) = (other_folder.path().join("link"), other_folder.path().join("hard"));
    std::os::unix::fs::symlink(folder.path().join("cookie.key"), &link).unwrap();
    fs::hard_link(folder.path().join("doppio.db"), &hard).unwrap();
    let names = ["doppio.db", "doppio.db-wal", "doppio.db-shm", "doppio.db.lock", "cookie.key", "new.backup"];
    let own = names.map(|name| folder.path().join(name));
    let key = fs::read(folder.path().join("cookie.key")).unwrap();
    let refuse_all = || {
        for path in own.iter().chain([&link, &hard]) {
            for more in [&["backup", text(path)][..], &["backup", "--replace", text(path)]] {
                let (succeeded, output) = doppio(folder.path(), more);
                assert!(!succeeded && output.contains("a file of the data itself"), "{}: {output}", path.display());
            }
        }
        assert_eq!(fs::read(folder.path().join("cookie.key")).unwrap(), key);
    };
    refuse_all();
    // The server still has its data.
    let phone = process.browser();
    let order = phone.start("k").await;
    let topic = format!("order/{order}");
    phone.live(&[&topic]).await.order(&order, choosing).await;
    drop(process);
    refuse_all();
    // It starts with all its data.
    drop(Process::start(folder.path()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_start_with_a_backup_goes_back_to_the_previous_data() {
    let (folder, other, other_folder) = (folder(), folder(), tempfile::tempdir().unwrap());
    let backup = other_folder.path().join("strange");
    // A database in which one of our tables has another structure.
    let strange = Process::start(other.path());
    let table = "serverlesspresso-order-table";
    strange.aws("DynamoDB_20120810.DeleteTable", json!({ "TableName": table })).await.ok();
    let other_schema = json!({
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "Invoice", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "Invoice", "AttributeType": "N" }],
    });
    strange.aws("DynamoDB_20120810.CreateTable", other_schema).await.ok();
    let (succeeded, output) = doppio(other.path(), &["backup", text(&backup)]);
    assert!(succeeded, "{output}");
    strange.kill();

    let process = Process::start(folder.path());
    let phone = process.browser();
    let order = phone.start("k").await;
    phone.live(&[&format!("order/{order}")]).await.order(&order, choosing).await;
    let (succeeded, output) = doppio(folder.path(), &["restore", text(&backup)]);
    assert!(!succeeded && output.contains("It runs with the previous data."), "{output}");
    // At the same address, with the waiting order.
    let phone = phone.at(process.address);
    phone.submit(&order, "Latte").await.ok();
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    assert_eq!(live.order(&order, numbered).await.number.unwrap().0, 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_of_the_data_can_use_the_control_socket() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    let folder = folder();
    let process = Process::start(folder.path());
    let socket = fs::metadata(folder.path().join("control.sock")).unwrap();
    assert!(socket.file_type().is_socket());
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    // A second server on the same data is refused, and does not remove the socket of the first.
    let (succeeded, output) = doppio(
        folder.path(),
        &["serve", "--listen", "127.0.0.1:0", "--aws-api", "off", "--site-root", text(folder.path())],
    );
    assert!(!succeeded && output.contains("in use"), "{output}");
    let (succeeded, output) = doppio(folder.path(), &["dead-letters", "list"]);
    assert!(succeeded && output.contains("no dead letters"), "{output}");
    drop(process);
}

const EVENTS: &str = "AWSEvents";
const TOKEN: &str = "AQAAAAAAAAABAAAAAAAAABF+abcdefghijklmnopqrstuvwxyz0123456789/ABCDEFGHIJKLMNOPQRSTUVWXYZ0=";

/// Puts an event with a task token, and a rule for it whose target is a workflow that does not exist.
async fn put_undeliverable_event(process: &Process) {
    let pattern = json!({ "source": ["test"] }).to_string();
    process.aws(&format!("{EVENTS}.PutRule"), json!({ "Name": "to-nobody", "EventPattern": pattern })).await.ok();
    let (arn, role) = ("arn:aws:states:us-east-1:000000000000:stateMachine:Gone", "arn:aws:iam::000000000000:role/r");
    let target = json!({ "Id": "1", "Arn": arn, "RoleArn": role });
    process.aws(&format!("{EVENTS}.PutTargets"), json!({ "Rule": "to-nobody", "Targets": [target] })).await.ok();
    put_event(process).await;
}

async fn put_event(process: &Process) {
    let detail = json!({ "TaskToken": TOKEN }).to_string();
    let entry = json!({ "Source": "test", "DetailType": "Order.Lost", "Detail": detail });
    process.aws(&format!("{EVENTS}.PutEvents"), json!({ "Entries": [entry] })).await.ok();
}

async fn create_workflow(process: &Process) {
    let definition = json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } }).to_string();
    let create = json!({ "name": "Gone", "definition": definition, "roleArn": "arn:aws:iam::000000000000:role/r" });
    process.aws("AWSStepFunctions.CreateStateMachine", create).await.ok();
}

/// Waits until there are `wanted` dead letters. Returns them as `--json` prints them.
fn dead_letters(folder: &Path, wanted: usize) -> Vec<Value> {
    for _ in 0..1_000 {
        let (succeeded, output) = doppio(folder, &["dead-letters", "list", "--json"]);
        assert!(succeeded, "{output}");
        let dead_letters: Vec<Value> = serde_json::from_str(&output).unwrap();
        if dead_letters.len() == wanted {
            return dead_letters;
        }
    }
    panic!("there were never {wanted} dead letters");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_listed_and_replayed_with_a_running_server() {
    let folder = folder();
    let process = Process::start(folder.path());
    put_undeliverable_event(&process).await;
    let letter = dead_letters(folder.path(), 1).remove(0);
    assert_eq!((&letter["id"], &letter["rule"], &letter["attempts"]), (&json!(1), &json!("to-nobody"), &json!(1)));
    assert_eq!((&letter["detail_type"]), &json!("Order.Lost"));
    let (_, table) = doppio(folder.path(), &["dead-letters", "list"]);
    for part in ["ID", "LAST ERROR", "to-nobody", "stateMachine:Gone", "Order.Lost", "StateMachineDoesNotExist"] {
        assert!(table.contains(part), "{part}: {table}");
    }
    assert!(!table.contains(&TOKEN[..40]) && !letter.to_string().contains(&TOKEN[..40]));

    let (succeeded, output) = doppio(folder.path(), &["dead-letters", "replay", "1"]);
    assert!(succeeded && output.contains("given up again and is now dead letter 2"), "{output}");
    create_workflow(&process).await;
    let (succeeded, output) = doppio(folder.path(), &["dead-letters", "replay", "2"]);
    assert!(succeeded && output.contains("Dead letter 2 was delivered"), "{output}");
    let (succeeded, output) = doppio(folder.path(), &["dead-letters", "replay", "2"]);
    assert!(!succeeded && output.contains("There is no dead letter 2"), "{output}");
    let list = json!({ "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:Gone" });
    let executions = process.aws("AWSStepFunctions.ListExecutions", list).await.ok();
    assert_eq!(executions["executions"].as_array().unwrap().len(), 1);
    dead_letters(folder.path(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_listed_without_a_server_and_delivered_after_its_start() {
    let folder = folder();
    let process = Process::start(folder.path());
    put_undeliverable_event(&process).await;
    put_event(&process).await;
    dead_letters(folder.path(), 2);
    create_workflow(&process).await;
    process.kill();
    let (succeeded, table) = doppio(folder.path(), &["dead-letters", "list"]);
    assert!(succeeded && table.lines().count() == 3 && table.contains("to-nobody"), "{table}");
    let (succeeded, output) = doppio(folder.path(), &["dead-letters", "replay", "--all"]);
    assert!(
        succeeded && output.lines().count() == 2 && output.contains("will be delivered when the server starts"),
        "{output}"
    );
    let process = Process::start(folder.path());
    let list = json!({ "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:Gone" });
    let mut started = 0;
    for _ in 0..10_000 {
        let executions = process.aws("AWSStepFunctions.ListExecutions", list.clone()).await.ok();
        started = executions["executions"].as_array().unwrap().len();
        if started == 2 {
            break;
        }
    }
    assert_eq!(started, 2);
    dead_letters(folder.path(), 0);

    let nowhere = tempfile::tempdir().unwrap();
    let (succeeded, output) = doppio(nowhere.path(), &["dead-letters", "list"]);
    assert!(!succeeded && output.contains("does not exist"), "{output}");
    assert_eq!(fs::read_dir(nowhere.path()).unwrap().count(), 0, "`list` creates no files");
}
