//! The operations of Step Functions.

use std::time::Duration;

use aws_sdk_sfn::types::{ExecutionStatus, ValidateStateMachineDefinitionResultCode};
use engine::lambda::FunctionError;
use serde_json::{Value, json};

use crate::{
    common::{Cloud, eventually, next},
    shop::{history, state_of},
};

const ROLE: &str = "arn:aws:iam::000000000000:role/workflow";

async fn machine(cloud: &Cloud, name: &str, definition: &Value) -> String {
    let create = cloud.sfn.create_state_machine().name(name).definition(definition.to_string()).role_arn(ROLE);
    create.send().await.unwrap().state_machine_arn().to_owned()
}

async fn start(cloud: &Cloud, machine: &str, name: &str, input: &str) -> String {
    let start = cloud.sfn.start_execution().state_machine_arn(machine).name(name).input(input);
    start.send().await.unwrap().execution_arn().to_owned()
}

/// Waits until the execution has ended. Returns its status and output.
async fn wait_for_end(cloud: &Cloud, arn: &str) -> (ExecutionStatus, Option<Value>) {
    eventually("the end of the execution", || async {
        let state = state_of(cloud, arn).await;
        (state.0 != ExecutionStatus::Running).then_some(state)
    })
    .await
}

/// A machine with one state.
fn only(state: Value) -> Value {
    json!({ "StartAt": "Only", "States": { "Only": state } })
}

fn waiting() -> Value {
    only(json!({ "Type": "Wait", "Seconds": 60, "End": true }))
}

#[tokio::test]
async fn a_token_that_was_never_issued_is_invalid() {
    let cloud = Cloud::in_memory();
    let send = |token: &str| cloud.sfn.send_task_success().task_token(token).output("{}").send();
    for garbage in ["garbage", "AAAAKgAAAAIAAAAA", "="] {
        assert!(send(garbage).await.unwrap_err().into_service_error().is_invalid_token(), "{garbage}");
    }
}

#[tokio::test]
async fn the_same_start_twice_is_one_execution_and_another_one_of_that_name_is_refused() {
    let cloud = Cloud::in_memory();
    let machine = machine(&cloud, "m", &waiting()).await;
    let first = start(&cloud, &machine, "e", "{}").await;
    assert_eq!(start(&cloud, &machine, "e", "{}").await, first);
    let again = || cloud.sfn.start_execution().state_machine_arn(&machine).name("e");
    let other = again().input(r#"{"a":1}"#).send().await.unwrap_err().into_service_error();
    assert!(other.is_execution_already_exists());
    cloud.sfn.stop_execution().execution_arn(&first).send().await.unwrap();
    let ended = again().input("{}").send().await.unwrap_err().into_service_error();
    assert!(ended.is_execution_already_exists());
    let listed = cloud.sfn.list_executions().state_machine_arn(&machine).send().await.unwrap();
    assert_eq!(listed.executions().len(), 1);
}

#[tokio::test]
async fn invalid_calls_are_refused_as_in_aws() {
    let cloud = Cloud::in_memory();
    let machine = machine(&cloud, "m", &waiting()).await;
    let start = || cloud.sfn.start_execution().state_machine_arn(&machine);
    assert!(start().name("a b").send().await.unwrap_err().into_service_error().is_invalid_name());
    assert!(start().input("{").send().await.unwrap_err().into_service_error().is_invalid_execution_input());
    let missing_machine = cloud.sfn.start_execution().state_machine_arn(format!("{machine}x")).send().await;
    assert!(missing_machine.unwrap_err().into_service_error().is_state_machine_does_not_exist());
    let invalid_arn = cloud.sfn.start_execution().state_machine_arn("m").send().await;
    assert!(invalid_arn.unwrap_err().into_service_error().is_invalid_arn());
    let execution = machine.replace("stateMachine", "execution") + ":e";
    let describe = cloud.sfn.describe_execution().execution_arn(&execution).send().await;
    assert!(describe.unwrap_err().into_service_error().is_execution_does_not_exist());
    let history = cloud.sfn.get_execution_history().execution_arn(&execution).send().await;
    assert!(history.unwrap_err().into_service_error().is_execution_does_not_exist());
    let missing_state = json!({ "StartAt": "Nowhere", "States": { "A": { "Type": "Succeed" } } }).to_string();
    let create = cloud.sfn.create_state_machine().name("x").definition(&missing_state).role_arn(ROLE).send().await;
    assert!(create.unwrap_err().into_service_error().is_invalid_definition());
    let checked = cloud.sfn.validate_state_machine_definition().definition(&missing_state).send().await.unwrap();
    assert_eq!(checked.result(), &ValidateStateMachineDefinitionResultCode::Fail);
    let checked = cloud.sfn.validate_state_machine_definition().definition(waiting().to_string()).send().await.unwrap();
    assert_eq!(checked.result(), &ValidateStateMachineDefinitionResultCode::Ok);
}

#[tokio::test]
async fn creating_a_machine_twice_creates_one_and_running_executions_keep_their_revision() {
    let cloud = Cloud::in_memory();
    cloud.engine.start();
    let arn = machine(&cloud, "m", &waiting()).await;
    assert_eq!(machine(&cloud, "m", &waiting()).await, arn);
    let other = only(json!({ "Type": "Pass", "Result": "new", "End": true }));
    let other_definition =
        cloud.sfn.create_state_machine().name("m").definition(other.to_string()).role_arn(ROLE).send().await;
    assert!(other_definition.unwrap_err().into_service_error().is_state_machine_already_exists());

    let running = start(&cloud, &arn, "old", "{}").await;
    cloud.sfn.update_state_machine().state_machine_arn(&arn).definition(other.to_string()).send().await.unwrap();
    let fresh = start(&cloud, &arn, "new", "{}").await;
    assert_eq!(state_of(&cloud, &fresh).await, (ExecutionStatus::Succeeded, Some(json!("new"))));
    let definition_of_running =
        cloud.sfn.describe_state_machine_for_execution().execution_arn(&running).send().await.unwrap();
    assert_eq!(definition_of_running.definition(), waiting().to_string());
    cloud.sfn.delete_state_machine().state_machine_arn(&arn).send().await.unwrap();
    cloud.clock.advance(Duration::from_secs(60));
    assert_eq!(wait_for_end(&cloud, &running).await.0, ExecutionStatus::Succeeded);
    assert!(cloud.sfn.list_state_machines().send().await.unwrap().state_machines().is_empty());
}

#[tokio::test]
async fn executions_are_listed_newest_first_by_status_and_in_pages() {
    let cloud = Cloud::in_memory();
    let machine = machine(&cloud, "m", &waiting()).await;
    for name in ["a", "b", "c", "d", "e"] {
        start(&cloud, &machine, name, "{}").await;
    }
    let stopped = format!("{}:c", machine.replace("stateMachine", "execution"));
    cloud.sfn.stop_execution().execution_arn(&stopped).error("E").cause("C").send().await.unwrap();
    let list = || cloud.sfn.list_executions().state_machine_arn(&machine);
    let running = list().status_filter(ExecutionStatus::Running).max_results(3).send().await.unwrap();
    let names = |page: &aws_sdk_sfn::operation::list_executions::ListExecutionsOutput| {
        page.executions().iter().map(|execution| execution.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&running), ["e", "d", "b"]);
    let rest = list().status_filter(ExecutionStatus::Running).max_results(3);
    let rest = rest.set_next_token(running.next_token().map(str::to_owned)).send().await.unwrap();
    assert_eq!((names(&rest), rest.next_token()), (vec!["a".to_owned()], None));
    assert_eq!(names(&list().status_filter(ExecutionStatus::Aborted).send().await.unwrap()), ["c"]);
    let described = cloud.sfn.describe_execution().execution_arn(&stopped).send().await.unwrap();
    assert_eq!((described.error(), described.cause()), (Some("E"), Some("C")));
}

#[tokio::test]
async fn a_workflow_calls_a_function_and_catches_its_error_by_name() {
    let cloud = Cloud::in_memory();
    let function = cloud.function("f", |payload| match payload["n"].as_i64() {
        Some(n) => Ok(json!(n * 2)),
        None => Err(FunctionError::new("NoNumber", "there is no n")),
    });
    cloud.engine.start();
    let call = json!({ "StartAt": "Call", "States": {
        "Call": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": { "FunctionName": function, "Payload.$": "$" },
            "ResultSelector": { "doubled.$": "$.Payload" },
            "Catch": [{ "ErrorEquals": ["NoNumber"], "Next": "Caught" }], "End": true },
        "Caught": { "Type": "Pass", "End": true } } });
    let machine_arn = machine(&cloud, "m", &call).await;
    let good = start(&cloud, &machine_arn, "good", r#"{"n":21}"#).await;
    assert_eq!(wait_for_end(&cloud, &good).await, (ExecutionStatus::Succeeded, Some(json!({ "doubled": 42 }))));
    let bad = start(&cloud, &machine_arn, "bad", "{}").await;
    assert_eq!(wait_for_end(&cloud, &bad).await.1.unwrap()["Error"], "NoNumber");

    let bare = machine(&cloud, "bare", &only(json!({ "Type": "Task", "Resource": function, "End": true }))).await;
    let bare = start(&cloud, &bare, "e", r#"{"n":4}"#).await;
    assert_eq!(wait_for_end(&cloud, &bare).await, (ExecutionStatus::Succeeded, Some(json!(8))));
}

#[tokio::test]
async fn a_workflow_waits_for_the_end_of_another() {
    let cloud = Cloud::in_memory();
    cloud.engine.start();
    let child = machine(&cloud, "child", &waiting()).await;
    let parent = |resource: &str| {
        only(json!({ "Type": "Task", "Resource": resource, "Parameters":
            { "StateMachineArn": child, "Name.$": "$$.Execution.Name", "Input": { "a": 1 } }, "End": true }))
    };
    let sync2 = machine(&cloud, "p2", &parent("arn:aws:states:::states:startExecution.sync:2")).await;
    let sync = machine(&cloud, "p1", &parent("arn:aws:states:::states:startExecution.sync")).await;
    let (sync2, sync) = (start(&cloud, &sync2, "j", "{}").await, start(&cloud, &sync, "t", "{}").await);
    let list = || cloud.sfn.list_executions().state_machine_arn(&child).status_filter(ExecutionStatus::Running);
    eventually("both children", || async { (list().send().await.unwrap().executions().len() == 2).then_some(()) })
        .await;
    for child in list().send().await.unwrap().executions() {
        // The first step of a child is a separate commit; its timer is set once it has entered its state.
        eventually("the child to wait", || async {
            (history(&cloud, child.execution_arn()).await.len() == 2).then_some(())
        })
        .await;
    }
    assert_eq!(state_of(&cloud, &sync2).await.0, ExecutionStatus::Running);
    cloud.clock.advance(Duration::from_secs(60));
    assert_eq!(wait_for_end(&cloud, &sync2).await.1.unwrap()["Output"], json!({ "a": 1 }));
    assert_eq!(wait_for_end(&cloud, &sync).await.1.unwrap()["Output"], json!("{\"a\":1}"));
}

#[tokio::test]
async fn an_execution_that_is_no_longer_awaited_is_stopped() {
    let cloud = Cloud::in_memory();
    cloud.engine.start();
    let child = machine(&cloud, "child", &waiting()).await;
    let parent = |more: Value| {
        let mut task = json!({ "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "End": true,
            "Parameters": { "StateMachineArn": child, "Name.$": "$$.Execution.Name" } });
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        only(task)
    };
    let stopped = machine(&cloud, "stopped", &parent(json!({}))).await;
    let timed_out = machine(&cloud, "timed-out", &parent(json!({ "TimeoutSeconds": 5 }))).await;
    let not_awaited = parent(json!({ "Resource": "arn:aws:states:::states:startExecution" }));
    let not_awaited = machine(&cloud, "free", &not_awaited).await;
    let stopped = start(&cloud, &stopped, "stopped", "{}").await;
    let timed_out = start(&cloud, &timed_out, "timed-out", "{}").await;
    start(&cloud, &not_awaited, "free", "{}").await;
    let child_arn = |name: &str| format!("{}:{name}", child.replace("stateMachine", "execution"));
    for name in ["stopped", "timed-out", "free"] {
        let (cloud, child) = (&cloud, child_arn(name));
        eventually("the child to wait", || {
            let describe = cloud.sfn.describe_execution().execution_arn(&child);
            async move { describe.send().await.ok() }
        })
        .await;
    }
    cloud.sfn.stop_execution().execution_arn(&stopped).send().await.unwrap();
    assert_eq!(wait_for_end(&cloud, &child_arn("stopped")).await.0, ExecutionStatus::Aborted);
    assert_eq!(state_of(&cloud, &child_arn("timed-out")).await.0, ExecutionStatus::Running);
    cloud.clock.advance(Duration::from_secs(5));
    assert_eq!(wait_for_end(&cloud, &child_arn("timed-out")).await.0, ExecutionStatus::Aborted);
    assert_eq!(wait_for_end(&cloud, &timed_out).await.0, ExecutionStatus::Failed);
    assert_eq!(state_of(&cloud, &child_arn("free")).await.0, ExecutionStatus::Running);
}

#[tokio::test]
async fn an_awaited_execution_is_described_as_aws_describes_it() {
    let cloud = Cloud::in_memory();
    cloud.engine.start();
    let child = json!({ "StartAt": "Odd", "States": {
        "Odd": { "Type": "Choice", "Default": "Fine",
            "Choices": [{ "Variable": "$.fails", "BooleanEquals": true, "Next": "Bad" }] },
        "Fine": { "Type": "Pass", "Result": { "cups": 2 }, "End": true },
        "Bad": { "Type": "Fail", "Error": "Spilt", "Cause": "the cup fell" } } });
    let child = machine(&cloud, "child", &child).await;
    let parent =
        only(json!({ "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
        "Parameters": { "StateMachineArn": child, "Name.$": "$.name", "Input": { "fails.$": "$.fails" } } }));
    let parent = machine(&cloud, "parent", &parent).await;
    let described = |name: &str, fails: bool, status: &str, reason: &str| {
        json!({ "ExecutionArn": format!("arn:aws:states:us-east-1:000000000000:execution:child:{name}"),
            "Input": { "fails": fails }, "InputDetails": { "Included": true }, "Name": name, "RedriveCount": 0,
            "RedriveStatus": "NOT_REDRIVABLE", "RedriveStatusReason": reason, "StartDate": 1_795_168_800_000_i64,
            "StateMachineArn": child, "Status": status, "StopDate": 1_795_168_800_000_i64 })
    };
    let good = start(&cloud, &parent, "good", r#"{"name":"fine","fails":false}"#).await;
    let mut expected = described("fine", false, "SUCCEEDED", "Execution is SUCCEEDED and cannot be redriven");
    expected["Output"] = json!({ "cups": 2 });
    expected["OutputDetails"] = json!({ "Included": true });
    assert_eq!(wait_for_end(&cloud, &good).await, (ExecutionStatus::Succeeded, Some(expected)));

    let bad = start(&cloud, &parent, "bad", r#"{"name":"odd","fails":true}"#).await;
    assert_eq!(wait_for_end(&cloud, &bad).await.0, ExecutionStatus::Failed);
    let failed = cloud.sfn.describe_execution().execution_arn(&bad).send().await.unwrap();
    assert_eq!(failed.error(), Some("States.TaskFailed"));
    let mut expected = described("odd", true, "FAILED", "This engine does not redrive executions");
    expected["Error"] = "Spilt".into();
    expected["Cause"] = "the cup fell".into();
    assert_eq!(serde_json::from_str::<Value>(failed.cause().unwrap()).unwrap(), expected);
}

#[tokio::test]
async fn a_workflow_puts_events_with_its_arns_and_fails_if_one_is_rejected() {
    let cloud = Cloud::in_memory();
    let (listener, mut receiver) = cloud.listen("listener");
    cloud.rule("default", "all", json!({ "source": ["shop"] }), &listener).await;
    cloud.engine.start();
    let put = only(json!({ "Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "End": true,
        "Parameters": { "Entries": [
            { "Detail": { "cups": 2 }, "DetailType": "t", "Source": "shop", "Resources": ["arn:aws:sqs:r:1:q"] },
            { "Detail.$": "$.text", "DetailType": "t", "Source": "shop" } ] } }));
    let machine_arn = machine(&cloud, "m", &put).await;
    let good = start(&cloud, &machine_arn, "good", r#"{"text":"{\"cups\":3}"}"#).await;
    let output = wait_for_end(&cloud, &good).await.1.unwrap();
    assert_eq!((&output["FailedEntryCount"], output["Entries"].as_array().unwrap().len()), (&json!(0), 2));
    let (first, second) = (next(&mut receiver).await, next(&mut receiver).await);
    assert_eq!((&first["detail"], &second["detail"]), (&json!({ "cups": 2 }), &json!({ "cups": 3 })));
    assert_eq!(first["resources"], json!(["arn:aws:sqs:r:1:q", machine_arn, good]));
    assert_eq!(second["resources"], json!([machine_arn, good]));

    let bad = start(&cloud, &machine_arn, "bad", r#"{"text":"\"no object\""}"#).await;
    let failed = cloud.sfn.describe_execution().execution_arn(&bad).send().await.unwrap();
    assert_eq!(failed.error(), Some("EventBridge.FailedEntry"));
    let cause: Value = serde_json::from_str(failed.cause().unwrap()).unwrap();
    let malformed = json!({ "ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed." });
    assert_eq!((&cause["FailedEntryCount"], &cause["Entries"][1]), (&json!(1), &malformed));
}

#[tokio::test]
async fn a_workflow_ends_the_task_of_another_in_the_same_commit() {
    let cloud = Cloud::in_memory();
    let waiter = only(json!({ "Type": "Task", "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken",
        "Parameters": { "Entries": [{ "Detail": { "token.$": "$$.Task.Token" }, "DetailType": "t", "Source": "s" }] },
        "End": true }));
    let waiter = machine(&cloud, "waiter", &waiter).await;
    let waiting = start(&cloud, &waiter, "w", "{}").await;
    let scheduled = &history(&cloud, &waiting).await[2];
    let parameters: Value =
        serde_json::from_str(scheduled.task_scheduled_event_details().unwrap().parameters()).unwrap();
    let token = parameters["Entries"][0]["Detail"]["token"].as_str().unwrap();

    let finisher = json!({ "StartAt": "Once", "States": {
        "Once": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
            "Parameters": { "TaskToken.$": "$.token", "Output": { "done": true } }, "ResultPath": null, "Next": "Twice" },
        "Twice": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
            "Parameters": { "TaskToken.$": "$.token", "Output": { "done": false } },
            "Catch": [{ "ErrorEquals": ["Sfn.TaskTimedOutException"], "Next": "Spent" }], "End": true },
        "Spent": { "Type": "Pass", "Result": "spent", "End": true } } });
    let finisher = machine(&cloud, "finisher", &finisher).await;
    let finishing = start(&cloud, &finisher, "f", &json!({ "token": token }).to_string()).await;
    assert_eq!(state_of(&cloud, &finishing).await, (ExecutionStatus::Succeeded, Some(json!("spent"))));
    assert_eq!(state_of(&cloud, &waiting).await, (ExecutionStatus::Succeeded, Some(json!({ "done": true }))));
}

#[tokio::test]
async fn an_error_of_a_dynamodb_call_is_caught_by_name() {
    let cloud = Cloud::in_memory();
    let definition = json!({ "StartAt": "Put", "States": {
        "Put": { "Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": { "TableName": "no-such-table", "Item": { "PK": { "S": "a" } } },
            "Catch": [{ "ErrorEquals": ["DynamoDB.ResourceNotFoundException"], "Next": "Caught" }], "End": true },
        "Caught": { "Type": "Pass", "Result": "caught", "End": true } } });
    let machine = machine(&cloud, "m", &definition).await;
    let execution = start(&cloud, &machine, "e", "{}").await;
    assert_eq!(state_of(&cloud, &execution).await, (ExecutionStatus::Succeeded, Some(json!("caught"))));
}

#[tokio::test]
async fn a_workflow_puts_an_event_of_the_time_at_which_its_state_was_entered() {
    let cloud = Cloud::in_memory();
    let (function, mut receiver) = cloud.listen("f");
    cloud.rule("default", "r", json!({ "source": ["test"] }), &function).await;
    cloud.engine.start();
    let put =
        only(json!({ "Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": { "Entries": [
        { "Source": "test", "DetailType": "t", "Detail": {}, "Time.$": "$$.State.EnteredTime" }] }, "End": true }));
    let machine = machine(&cloud, "m", &put).await;
    let execution = start(&cloud, &machine, "e", "{}").await;
    assert_eq!(wait_for_end(&cloud, &execution).await.0, ExecutionStatus::Succeeded);
    assert_eq!(crate::common::next(&mut receiver).await["time"], "2026-11-20T10:00:00Z");
}
