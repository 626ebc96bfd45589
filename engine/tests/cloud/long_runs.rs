//! Executions that never wait. They run in several commits and let other work in between.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};
use engine::clock::ManualClock;
use serde_json::json;

use crate::{
    common::{Clients, Cloud, Folder, MORNING, eventually},
    crash::server::Server,
    shop::state_of,
};

const ROLE: &str = "arn:aws:iam::000000000000:role/workflow";
/// What one commit may write for executions, in addition to the last state.
const COMMIT_BYTES: usize = 1 << 20;
/// Events per round: both states are entered and exited, each with the input.
const EVENTS_PER_ROUND: usize = 4;

/// Counts `n` down to 0, with the rest of the input, without waiting.
async fn countdown(clients: &Clients) -> String {
    let definition = json!({
        "StartAt": "Count",
        "States": {
            "Count": {
                "Type": "Pass",
                "Parameters": { "n.$": "States.MathAdd($.n, -1)", "text.$": "$.text" },
                "Next": "Done?",
            },
            "Done?": {
                "Type": "Choice",
                "Choices": [{ "Variable": "$.n", "NumericGreaterThan": 0, "Next": "Count" }],
                "Default": "End",
            },
            "End": { "Type": "Pass", "Result": "done", "End": true },
        },
    });
    let create = clients.sfn.create_state_machine().name("countdown").definition(definition.to_string());
    create.role_arn(ROLE).send().await.unwrap().state_machine_arn().to_owned()
}

async fn start(clients: &Clients, machine: &str, rounds: usize, bytes: usize) -> String {
    let input = json!({ "n": rounds, "text": "x".repeat(bytes) }).to_string();
    let start = clients.sfn.start_execution().state_machine_arn(machine).name("long").input(input);
    start.send().await.unwrap().execution_arn().to_owned()
}

async fn events(clients: &Clients, arn: &str) -> Vec<HistoryEvent> {
    let mut pages = clients.sfn.get_execution_history().execution_arn(arn).max_results(500).into_paginator().send();
    let mut events = Vec::new();
    while let Some(page) = pages.next().await {
        events.extend(page.unwrap().events().to_vec());
    }
    events
}

/// Asserts that the execution has succeeded and has each event once.
async fn assert_complete(clients: &Clients, arn: &str, rounds: usize) {
    let end = eventually("the end of the execution", || async {
        let (status, output) = state_of(clients, arn).await;
        (status != ExecutionStatus::Running).then_some((status, output))
    });
    assert_eq!(end.await, (ExecutionStatus::Succeeded, Some(json!("done"))));
    let events = events(clients, arn).await;
    let ids: Vec<i64> = events.iter().map(HistoryEvent::id).collect();
    let expected = i64::try_from(rounds * EVENTS_PER_ROUND + 4).unwrap();
    assert_eq!(ids, (1..=expected).collect::<Vec<_>>());
}

fn in_memory_and_started() -> Cloud {
    let cloud = Cloud::in_memory();
    cloud.engine.start();
    cloud
}

#[tokio::test]
async fn an_execution_without_waits_takes_many_commits_and_lets_other_work_in() {
    let cloud = in_memory_and_started();
    let machine = countdown(&cloud).await;
    let table = cloud.tables.create_table().table_name("notes").billing_mode(BillingMode::PayPerRequest);
    let key = KeySchemaElement::builder().attribute_name("PK").key_type(KeyType::Hash).build().unwrap();
    let attribute = AttributeDefinition::builder().attribute_name("PK").attribute_type(ScalarAttributeType::S);
    table.key_schema(key).attribute_definitions(attribute.build().unwrap()).send().await.unwrap();
    let before = cloud.engine.statistics().commits;

    let (rounds, bytes) = (60, 100_000);
    let arn = start(&cloud, &machine, rounds, bytes).await;
    assert_eq!(state_of(&cloud, &arn).await.0, ExecutionStatus::Running);
    for note in 0..3 {
        let put = cloud.tables.put_item().table_name("notes").item("PK", AttributeValue::S(format!("{note}")));
        put.send().await.unwrap();
    }
    assert_eq!(state_of(&cloud, &arn).await.0, ExecutionStatus::Running, "the calls waited for the end of the run");

    assert_complete(&cloud, &arn, rounds).await;
    let commits = usize::try_from(cloud.engine.statistics().commits - before).unwrap();
    // A commit ends with the state with which it exceeds its allowance.
    let largest = COMMIT_BYTES + 2 * (bytes + 1_000);
    let written = rounds * EVENTS_PER_ROUND * bytes;
    assert!(commits >= written / largest, "{commits} commits for {written} bytes");
}

#[tokio::test]
async fn events_have_the_time_of_their_commit() {
    let cloud = Cloud::in_memory();
    let machine = countdown(&cloud).await;
    // Nothing advances it before the engine is started.
    let arn = start(&cloud, &machine, 20, 200_000).await;
    assert_eq!(state_of(&cloud, &arn).await.0, ExecutionStatus::Running);
    cloud.clock.advance(Duration::from_secs(3));
    cloud.engine.start();
    assert_complete(&cloud, &arn, 20).await;
    let events = events(&cloud, &arn).await;
    let times: BTreeSet<i64> = events.iter().map(|event| event.timestamp().secs()).collect();
    let morning = MORNING.millis() / 1_000;
    assert_eq!(times.into_iter().collect::<Vec<_>>(), [morning, morning + 3]);
}

#[tokio::test]
async fn an_execution_with_deferred_steps_can_be_stopped() {
    let cloud = Cloud::in_memory();
    let machine = countdown(&cloud).await;
    let arn = start(&cloud, &machine, 4_000, 200_000).await;
    cloud.sfn.stop_execution().execution_arn(&arn).send().await.unwrap();
    assert_eq!(state_of(&cloud, &arn).await.0, ExecutionStatus::Aborted);
    cloud.engine.start();
    let length = events(&cloud, &arn).await.len();
    // Its remaining steps are found and have no effect.
    cloud.put("default", "anything", json!({})).await;
    assert_eq!(events(&cloud, &arn).await.len(), length);
}

#[tokio::test]
async fn many_small_states_end_a_commit_too() {
    let cloud = Cloud::in_memory();
    let machine = countdown(&cloud).await;
    let arn = start(&cloud, &machine, 2_000, 1).await;
    let so_far = events(&cloud, &arn).await.len();
    assert!((1_000..5_000).contains(&so_far), "{so_far} events in one commit");
    cloud.engine.start();
    assert_complete(&cloud, &arn, 2_000).await;
}

#[tokio::test]
async fn deferred_steps_run_after_a_restart() {
    let folder = Folder::new();
    let clock = ManualClock::starting_at(MORNING);
    let cloud = Cloud::open(Some(&folder.file()), clock.clone());
    let machine = countdown(&cloud).await;
    let arn = start(&cloud, &machine, 20, 200_000).await;
    cloud.engine.shutdown().await;
    // A clock that was wrong and is corrected delays nothing.
    let earlier = ManualClock::starting_at(engine::clock::Timestamp(MORNING.millis() - 3_600_000));
    let cloud = Cloud::open(Some(&folder.file()), earlier);
    assert_eq!(state_of(&cloud, &arn).await.0, ExecutionStatus::Running);
    cloud.engine.start();
    assert_complete(&cloud, &arn, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deferred_steps_run_after_a_kill() {
    let folder = Folder::new();
    let server = Server::start(&folder.file()).await;
    let machine = countdown(&server.clients).await;
    let rounds = 60;
    let arn = start(&server.clients, &machine, rounds, 100_000).await;
    server.kill();
    let server = Server::start(&folder.file()).await;
    assert_complete(&server.clients, &arn, rounds).await;
    server.kill();
}

#[tokio::test]
async fn an_answer_to_another_execution_may_be_deferred() {
    let cloud = in_memory_and_started();
    let child = countdown(&cloud).await;
    let definition = json!({
        "StartAt": "Child",
        "States": { "Child": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": { "StateMachineArn": child, "Input.$": "$" },
            "OutputPath": "$.Output",
            "End": true,
        } },
    });
    let create = cloud.sfn.create_state_machine().name("parent").definition(definition.to_string()).role_arn(ROLE);
    let parent = create.send().await.unwrap().state_machine_arn().to_owned();
    // Some of these runs end exactly when the commit has used up its allowance.
    for rounds in 2..10 {
        let input = json!({ "n": rounds, "text": "x".repeat(150_000) }).to_string();
        let start = cloud.sfn.start_execution().state_machine_arn(&parent).input(input);
        let arn = start.send().await.unwrap().execution_arn().to_owned();
        let end = eventually("the end of the parent", || async {
            let (status, output) = state_of(&cloud, &arn).await;
            (status != ExecutionStatus::Running).then_some((status, output))
        });
        assert_eq!(end.await, (ExecutionStatus::Succeeded, Some(json!("done"))), "{rounds} rounds");
    }
}
