//! The retention of ended executions.

use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus;
use engine::clock::ManualClock;
use serde_json::json;

use crate::common::{Cloud, Folder, MORNING, eventually};

const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn machine(cloud: &Cloud, definition: serde_json::Value) {
    let create = cloud.sfn.create_state_machine().name("m").role_arn("arn:aws:iam::000000000000:role/r");
    create.definition(definition.to_string()).send().await.unwrap();
}

async fn start(cloud: &Cloud, name: &str, input: &str) -> Result<String, String> {
    let started = cloud.sfn.start_execution().state_machine_arn(MACHINE).name(name).input(input).send().await;
    started.map(|started| started.execution_arn().to_owned()).map_err(|error| error.into_service_error().to_string())
}

async fn is_gone(cloud: &Cloud, arn: &str) -> bool {
    cloud.sfn.describe_execution().execution_arn(arn).send().await.is_err()
}

#[tokio::test]
async fn an_execution_is_deleted_after_90_days_and_its_name_is_free() {
    let cloud = Cloud::in_memory();
    machine(&cloud, json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } })).await;
    let arn = start(&cloud, "order-1", "{}").await.unwrap();
    cloud.engine.start();

    cloud.clock.advance(89 * DAY);
    // A later execution shows that a sweep has run, which must not delete this one.
    let later = start(&cloud, "later", "{}").await.unwrap();
    assert!(!is_gone(&cloud, &arn).await);
    let taken = start(&cloud, "order-1", r#"{"other":1}"#).await.unwrap_err();
    assert!(taken.contains("ExecutionAlreadyExists"), "{taken}");

    cloud.clock.advance(DAY);
    eventually("the end of the ninety days", || async {
        cloud.clock.advance(Duration::from_secs(61));
        is_gone(&cloud, &arn).await.then_some(())
    })
    .await;
    assert!(!is_gone(&cloud, &later).await);
    let history = cloud.sfn.get_execution_history().execution_arn(&arn).send().await.unwrap_err();
    assert!(history.into_service_error().is_execution_does_not_exist());
    let listed = cloud.sfn.list_executions().state_machine_arn(MACHINE).send().await.unwrap();
    assert_eq!(listed.executions().iter().map(|execution| execution.name()).collect::<Vec<_>>(), ["later"]);
    assert_eq!(start(&cloud, "order-1", r#"{"other":1}"#).await.unwrap(), arn);
}

#[tokio::test]
async fn a_running_execution_is_kept_at_any_age() {
    let cloud = Cloud::in_memory();
    let wait = json!({ "Type": "Wait", "SecondsPath": "$.seconds", "End": true });
    machine(&cloud, json!({ "StartAt": "W", "States": { "W": wait } })).await;
    let long = start(&cloud, "long", r#"{"seconds":10368000}"#).await.unwrap();
    let short = start(&cloud, "short", r#"{"seconds":1}"#).await.unwrap();
    cloud.engine.start();
    cloud.clock.advance(Duration::from_secs(2));
    eventually("the end of the short one", || async {
        let described = cloud.sfn.describe_execution().execution_arn(&short).send().await.unwrap();
        (*described.status() == ExecutionStatus::Succeeded).then_some(())
    })
    .await;
    cloud.clock.advance(91 * DAY);
    eventually("the end of the ninety days", || async {
        cloud.clock.advance(Duration::from_secs(61));
        is_gone(&cloud, &short).await.then_some(())
    })
    .await;
    let described = cloud.sfn.describe_execution().execution_arn(&long).send().await.unwrap();
    assert_eq!(described.status(), &ExecutionStatus::Running);
    // The 90 days count from the end, not from the start.
    cloud.clock.advance(30 * DAY);
    eventually("the end of the long one", || async {
        let described = cloud.sfn.describe_execution().execution_arn(&long).send().await.unwrap();
        (*described.status() == ExecutionStatus::Succeeded).then_some(())
    })
    .await;
}

#[tokio::test]
async fn many_old_executions_are_deleted_in_small_commits() {
    // In a file, where reads are no jobs of the writer, so that its jobs can be counted.
    let folder = Folder::new();
    let cloud = Cloud::open(Some(&folder.file()), ManualClock::starting_at(MORNING));
    machine(&cloud, json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } })).await;
    let cloud_ref = &cloud;
    let starts =
        (0..300).map(|number| async move { start(cloud_ref, &format!("order-{number}"), "{}").await.unwrap() });
    let arns = futures_util::future::join_all(starts).await;
    let before = cloud.engine.statistics().jobs;
    cloud.clock.advance(90 * DAY);
    cloud.engine.start();
    eventually("the end of all", || async {
        let listed = cloud.sfn.list_executions().state_machine_arn(MACHINE).send().await.unwrap();
        listed.executions().is_empty().then_some(())
    })
    .await;
    assert!(is_gone(&cloud, &arns[0]).await && is_gone(&cloud, &arns[299]).await);
    // Each has its own row and at least one row of history, and one commit deletes at most a hundred rows.
    let jobs = cloud.engine.statistics().jobs - before;
    assert!(jobs >= 6, "{jobs} jobs");
}

#[tokio::test]
async fn a_tag_shortens_the_retention_of_executions_that_end_with_a_state() {
    let cloud = Cloud::in_memory();
    let choice = json!({
        "Type": "Choice",
        "Choices": [{ "Variable": "$.refused", "IsPresent": true, "Next": "Refused" }],
        "Default": "Done",
    });
    let pass = json!({ "Type": "Pass", "End": true });
    machine(&cloud, json!({ "StartAt": "C", "States": { "C": choice, "Refused": pass, "Done": pass } })).await;
    let tag = aws_sdk_sfn::types::Tag::builder().key("engine:keep-seconds/Refused").value("900").build();
    cloud.sfn.tag_resource().resource_arn(MACHINE).tags(tag).send().await.unwrap();
    let refused = start(&cloud, "refused", r#"{"refused":true}"#).await.unwrap();
    let done = start(&cloud, "done", "{}").await.unwrap();
    cloud.clock.advance(Duration::from_secs(899));
    cloud.engine.start();
    cloud.put("default", "anything", json!({})).await;
    assert!(!is_gone(&cloud, &refused).await);
    eventually("the end of the fifteen minutes", || async {
        cloud.clock.advance(Duration::from_secs(61));
        is_gone(&cloud, &refused).await.then_some(())
    })
    .await;
    assert!(!is_gone(&cloud, &done).await);
    assert_eq!(start(&cloud, "refused", "{}").await.unwrap(), refused, "the name is free again");
}
