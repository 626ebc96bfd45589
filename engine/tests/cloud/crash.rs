//! `kill -9` under load: what was acknowledged is there afterwards, everything ends, nothing happens twice.
//!
//! The load runs in a child process: this very test binary, asked for [`the_process_that_is_killed`]. It prints a line
//! for each acknowledgement; the parent kills it after a number of lines drawn at random, opens the file, and compares.

use std::{
    collections::{HashMap, HashSet},
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType};
use engine::{
    clock::{Rng, SystemClock, SystemRng},
    functions::FunctionError,
};
use serde_json::{Value, json};

use crate::{
    common::{Cloud, Folder, eventually},
    shop::{self, MACHINE, barista_token, customer_token, history, item, state_of, succeed},
};

/// Kills in an ordinary run; [`ROUNDS_WANTED`] asks for more.
const ROUNDS: usize = 4;
const ROUNDS_WANTED: &str = "ENGINE_CRASH_TEST_ROUNDS";
const CLIENTS: usize = 8;
const FILE: &str = "ENGINE_CRASH_TEST_FILE";
const ROUND: &str = "ENGINE_CRASH_TEST_ROUND";
/// A table of the order processor that it does not scan, for items of our own.
const NOTES: &str = "serverlesspresso-config-table";

/// The engine on the file with everything that each process has to register.
fn open(file: &Path) -> Cloud {
    let cloud = Cloud::open_with(Some(file), Arc::new(SystemClock), Arc::new(SystemRng));
    shop::staff(&cloud);
    let tables = cloud.tables.clone();
    let audit = move |event: Value| {
        let tables = tables.clone();
        Box::pin(async move {
            let key = AttributeValue::S(format!("event {}", event["id"].as_str().unwrap_or_default()));
            let put = tables.put_item().table_name(NOTES).item("PK", key).send().await;
            put.map(|_| Value::Null).map_err(|error| FunctionError::new("Tables", format!("{error:?}")))
        }) as _
    };
    cloud.engine.register_function("audit", Arc::new(audit));
    cloud.engine.start();
    cloud
}

/// Not a test: the load, until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs as the child process of nothing_acknowledged_is_lost_and_nothing_happens_twice"]
async fn the_process_that_is_killed() {
    let (Ok(file), Ok(round)) = (env::var(FILE), env::var(ROUND)) else { return };
    let cloud = Arc::new(open(Path::new(&file)));
    let clients = (0..CLIENTS).map(|client| {
        let (cloud, round) = (Arc::clone(&cloud), round.clone());
        async move {
            for number in 0.. {
                live(&cloud, &format!("{round}-{client}-{number}")).await;
            }
        }
    });
    futures_util::future::join_all(clients).await;
}

/// One order with a line for each acknowledgement, and an item and an event beside it.
async fn live(cloud: &Cloud, id: &str) {
    let note = AttributeValue::S(format!("note {id}"));
    cloud.tables.put_item().table_name(NOTES).item("PK", note).send().await.unwrap();
    println!("ack item {id}");
    let event = cloud.put("default", "Audit", json!({})).await;
    println!("ack event {event}");
    shop::order(cloud, id).await;
    println!("ack started {id}");
    let token = customer_token(cloud, id).await;
    succeed(cloud, &token, json!({})).await;
    println!("ack chosen {id} {token}");
    let (token, number) = barista_token(cloud, id).await;
    println!("ack number {id} {number}");
    succeed(cloud, &token, json!({})).await;
    println!("ack finished {id} {token}");
}

/// Runs a child until it has acknowledged `most` things, kills it, and returns all that it acknowledged.
fn killed_after(most: usize, file: &Path, round: usize) -> Vec<Vec<String>> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["crash::the_process_that_is_killed", "--exact", "--ignored", "--nocapture"])
        .env(FILE, file)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    for line in lines.map_while(Result::ok) {
        // A line that the kill cut short is no acknowledgement; its last word is missing.
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        if words.first().is_some_and(|word| word == "ack") && words.len() >= 3 {
            acknowledged.push(words);
        }
        if acknowledged.len() == most {
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert!(!status.success() && acknowledged.len() >= most, "the child ended by itself: {status}");
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_happens_twice() {
    let folder = Folder::new();
    let cloud = open(&folder.file());
    shop::build(&cloud).await;
    let audit = "arn:aws:lambda:us-east-1:000000000000:function:audit";
    cloud.rule("default", "audit", json!({ "detail-type": ["Audit"] }), audit).await;
    cloud.engine.shutdown().await;
    drop(cloud);

    let mut numbers = HashMap::new();
    let rounds = env::var(ROUNDS_WANTED).map_or(ROUNDS, |wanted| wanted.parse().unwrap());
    for round in 0..rounds {
        let mut random = [0u8; 1];
        SystemRng.fill(&mut random);
        let acknowledged = killed_after(1 + usize::from(random[0]), &folder.file(), round);
        let cloud = open(&folder.file());
        for words in &acknowledged {
            check(&cloud, words).await;
        }
        finish_all(&cloud).await;
        for id in acknowledged.iter().filter(|words| words[1] == "started").map(|words| words[2].clone()) {
            let number = item(&cloud, &id).await["orderNumber"].clone();
            let earlier = numbers.insert(number.clone(), id.clone());
            assert_eq!(earlier, None, "number {number} was given twice, the second time to {id}");
        }
        cloud.engine.shutdown().await;
    }
}

/// What the child was told must be so.
async fn check(cloud: &Cloud, words: &[String]) {
    let (what, id) = (words[1].as_str(), words[2].as_str());
    let execution = format!("{}:{id}", MACHINE.replace("stateMachine", "execution"));
    match what {
        "item" => assert!(noted(cloud, &format!("note {id}")).await, "{words:?}"),
        "event" => {
            let key = format!("event {id}");
            eventually("the delivery of an event", || async { noted(cloud, &key).await.then_some(()) }).await;
        }
        "started" => drop(state_of(cloud, &execution).await),
        "chosen" => {
            let event = history(cloud, &execution).await[19].clone();
            assert_eq!(event.r#type(), &HistoryEventType::TaskSucceeded, "{words:?}");
            spent(cloud, &words[3]).await;
        }
        "number" => assert_eq!(item(cloud, id).await["orderNumber"], words[3]),
        "finished" => {
            assert_eq!(state_of(cloud, &execution).await.0, ExecutionStatus::Succeeded, "{words:?}");
            spent(cloud, &words[3]).await;
        }
        other => panic!("the child said {other}"),
    }
}

async fn noted(cloud: &Cloud, key: &str) -> bool {
    let get = cloud.tables.get_item().table_name(NOTES).key("PK", AttributeValue::S(key.to_owned()));
    get.send().await.unwrap().item.is_some()
}

async fn spent(cloud: &Cloud, token: &str) {
    let again = cloud.sfn.send_task_success().task_token(token).output("{}").send().await;
    assert!(again.unwrap_err().into_service_error().is_task_timed_out());
}

/// Whatever the kill left in the middle goes on to its end.
async fn finish_all(cloud: &Cloud) {
    let list = cloud.sfn.list_executions().state_machine_arn(MACHINE).status_filter(ExecutionStatus::Running);
    let mut finished = HashSet::new();
    for execution in list.clone().send().await.unwrap().executions() {
        let (id, arn) = (execution.name(), execution.execution_arn());
        if history(cloud, arn).await.len() <= 19 {
            succeed(cloud, &customer_token(cloud, id).await, json!({})).await;
        }
        succeed(cloud, &barista_token(cloud, id).await.0, json!({})).await;
        assert_eq!(state_of(cloud, arn).await.0, ExecutionStatus::Succeeded);
        finished.insert(id.to_owned());
    }
    assert!(finished.len() <= CLIENTS, "more orders were open than there were clients: {finished:?}");
    assert!(list.send().await.unwrap().executions().is_empty());
}
