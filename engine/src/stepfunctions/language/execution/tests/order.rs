//! The order workflow of Serverlesspresso, as its readers build it.

use serde_json::{Value, json};

use super::{Bench, task_error};
use crate::stepfunctions::language::{
    history_event::EventKind,
    host::{CallOutcome, Pattern, Stimulus},
    testing::ScriptedHost,
};

fn emit(detail_type: &str, detail: Value, suffix: &str) -> Value {
    let entry = json!({
        "Detail": detail, "DetailType": detail_type, "EventBusName": "Serverlesspresso",
        "Source": "awsserverlessda.serverlesspresso",
    });
    json!({
        "Type": "Task", "Resource": format!("arn:aws:states:::events:putEvents{suffix}"),
        "Parameters": { "Entries": [entry] },
    })
}

fn with(mut state: Value, members: Value) -> Value {
    state.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    state
}

pub(super) fn definition() -> Value {
    let ids = json!({ "orderId.$": "$.detail.orderId", "userId.$": "$.detail.userId" });
    let token = with(ids.clone(), json!({ "TaskToken.$": "$$.Task.Token" }));
    let number = with(token.clone(), json!({ "orderNumber.$": "$.Order.Payload.orderNumber" }));
    let timed_out =
        |next: &str| json!([{ "ErrorEquals": ["States.Timeout"], "ResultPath": "$.comment", "Next": next }]);
    let wait = ".waitForTaskToken";
    json!({
        "StartAt": "DynamoDB Get Shop status",
        "States": {
            "DynamoDB Get Shop status": {
                "Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "Next": "Shop Open?",
                "Parameters": { "TableName": "serverlesspresso-config-table", "Key": { "PK": { "S": "config" } } },
                "ResultPath": "$.GetStore",
            },
            "Shop Open?": {
                "Type": "Choice", "Default": "ListExecutions",
                "Choices": [{
                    "Not": { "Variable": "$.GetStore.Item.storeOpen.BOOL", "BooleanEquals": true },
                    "Next": "Emit - Shop not ready",
                }],
            },
            "ListExecutions": {
                "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:listExecutions",
                "Parameters": { "StateMachineArn.$": "$$.StateMachine.Id", "MaxResults": 100, "StatusFilter": "RUNNING" },
                "ResultPath": "$.isCapacityAvailable", "Next": "Is capacity available?",
            },
            "Is capacity available?": {
                "Type": "Choice", "Default": "Emit - Workflow Started TT",
                "Choices": [{
                    "Variable": "$.isCapacityAvailable.Executions[20]", "IsPresent": true,
                    "Next": "Emit - Shop not ready",
                }],
            },
            "Emit - Workflow Started TT": with(emit("OrderProcessor.WorkflowStarted", token, wait), json!({
                "HeartbeatSeconds": 300, "ResultPath": null, "Catch": timed_out("Customer timedout"),
                "Next": "Generate Order Number",
            })),
            "Customer timedout": {
                "Type": "Pass", "Result": "Customer timedout", "ResultPath": "$.cause", "Next": "Emit - error timeout",
            },
            "Emit - error timeout": with(
                emit("OrderProcessor.OrderTimeOut", with(ids.clone(), json!({ "cause.$": "$.cause" })), ""),
                json!({ "End": true }),
            ),
            "Generate Order Number": {
                "Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem",
                "Parameters": {
                    "TableName": "serverlesspresso-counting-table", "Key": { "PK": { "S": "orderID" } },
                    "UpdateExpression": "set IDvalue = IDvalue + :val",
                    "ExpressionAttributeValues": { ":val": { "N": "1" } }, "ReturnValues": "UPDATED_NEW",
                },
                "ResultSelector": { "orderNumber.$": "$.Attributes.IDvalue.N" }, "ResultPath": "$.Order.Payload",
                "Next": "Emit - Awaiting Completion TT",
            },
            "Emit - Awaiting Completion TT": with(emit("OrderProcessor.WaitingCompletion", number, wait), json!({
                "HeartbeatSeconds": 900, "ResultPath": "$.order", "Catch": timed_out("Barista timedout"),
                "Next": "Pass",
            })),
            "Barista timedout": {
                "Type": "Pass", "Result": "Barista timedout", "ResultPath": "$.cause", "Next": "Emit - error timeout",
            },
            "Emit - Shop not ready": with(
                emit("OrderProcessor.ShopUnavailable", json!({ "userId.$": "$.detail.userId" }), ""),
                json!({ "End": true }),
            ),
            "Pass": { "Type": "Pass", "Next": "Emit - order finished" },
            "Emit - order finished": with(emit("OrderProcessor.orderFinished", ids, ""), json!({ "End": true })),
        },
    })
}

pub(super) fn input() -> Value {
    json!({ "detail-type": "Validator.NewOrder", "detail": { "orderId": "order-1", "userId": "user-1" } })
}

/// An open shop with this number of running orders.
pub(super) fn shop_host(running: usize) -> ScriptedHost {
    let answered = |value: Value| CallOutcome::Answered(Ok(value));
    ScriptedHost::default()
        .answer("getItem", answered(json!({ "Item": { "storeOpen": { "BOOL": true } } })))
        .answer("listExecutions", answered(json!({ "Executions": vec![json!({ "ExecutionArn": "arn" }); running] })))
        .answer("updateItem", answered(json!({ "Attributes": { "IDvalue": { "N": "42" } } })))
}

const TO_FIRST_WAIT: [&str; 19] = [
    "1 0 ExecutionStarted",
    "2 0 TaskStateEntered",
    "3 2 TaskScheduled",
    "4 3 TaskStarted",
    "5 4 TaskSucceeded",
    "6 5 TaskStateExited",
    "7 6 ChoiceStateEntered",
    "8 7 ChoiceStateExited",
    "9 8 TaskStateEntered",
    "10 9 TaskScheduled",
    "11 10 TaskStarted",
    "12 11 TaskSucceeded",
    "13 12 TaskStateExited",
    "14 13 ChoiceStateEntered",
    "15 14 ChoiceStateExited",
    "16 15 TaskStateEntered",
    "17 16 TaskScheduled",
    "18 17 TaskStarted",
    "19 18 TaskSubmitted",
];

#[test]
fn an_order_waits_for_its_customer_with_the_token_in_event_17() {
    let bench = Bench::start(&definition(), input(), shop_host(3));
    assert_eq!(bench.host.outline(), TO_FIRST_WAIT);
    let wire = bench.host.events[16].to_wire(true);
    let details = &wire["taskScheduledEventDetails"];
    assert_eq!(details["resourceType"], "events");
    assert_eq!(details["resource"], "putEvents.waitForTaskToken");
    assert_eq!(details["region"], "eu-central-1");
    assert_eq!(details["heartbeatInSeconds"], 300);
    assert_eq!(details.get("timeoutInSeconds"), None);
    let parameters: Value = serde_json::from_str(details["parameters"].as_str().unwrap()).unwrap();
    let detail = json!({ "orderId": "order-1", "userId": "user-1", "TaskToken": "token-1" });
    assert_eq!(parameters["Entries"][0]["Detail"], detail);
    let task = &bench.host.tasks[&17];
    assert_eq!(task.token.as_deref(), Some("token-1"));
    assert_eq!(task.deadlines.heartbeat_interval_ms, Some(300_000));
    assert_eq!(task.deadlines.timeout, None);
    assert_eq!(bench.host.calls[2].pattern, Pattern::TaskToken);
    assert_eq!(bench.host.calls[2].action, "putEvents");
    let listed = &bench.host.calls[1];
    assert_eq!(listed.resource_type, "aws-sdk:sfn");
    assert_eq!(listed.parameters["StateMachineArn"], bench.execution.context.state_machine_arn);
}

#[test]
fn an_order_goes_through_both_waits_to_its_end() {
    let mut bench = Bench::start(&definition(), input(), shop_host(3));
    bench.succeed(17, json!({}));
    let second = &bench.host.outline()[19..];
    assert_eq!(
        second,
        [
            "20 19 TaskSucceeded",
            "21 20 TaskStateExited",
            "22 21 TaskStateEntered",
            "23 22 TaskScheduled",
            "24 23 TaskStarted",
            "25 24 TaskSucceeded",
            "26 25 TaskStateExited",
            "27 26 TaskStateEntered",
            "28 27 TaskScheduled",
            "29 28 TaskStarted",
            "30 29 TaskSubmitted",
        ]
    );
    assert_eq!(bench.host.tasks.keys().collect::<Vec<_>>(), [&28]);
    assert_eq!(bench.host.tasks[&28].token.as_deref(), Some("token-2"));
    assert_eq!(bench.host.calls[4].parameters["Entries"][0]["Detail"]["orderNumber"], "42");
    let EventKind::StateExited { output, .. } = bench.event(21) else { panic!() };
    assert_eq!(output["detail"], input()["detail"], "ResultPath null keeps the input");
    bench.succeed(28, json!({ "by": "barista" }));
    let third = &bench.host.outline()[30..];
    assert_eq!(
        third,
        [
            "31 30 TaskSucceeded",
            "32 31 TaskStateExited",
            "33 32 PassStateEntered",
            "34 33 PassStateExited",
            "35 34 TaskStateEntered",
            "36 35 TaskScheduled",
            "37 36 TaskStarted",
            "38 37 TaskSucceeded",
            "39 38 TaskStateExited",
            "40 39 ExecutionSucceeded",
        ]
    );
    let EventKind::StateExited { output, .. } = bench.event(32) else { panic!() };
    assert_eq!(output["order"], json!({ "by": "barista" }));
    assert_eq!(output["Order"], json!({ "Payload": { "orderNumber": "42" } }));
    assert_eq!(bench.output(), &json!({}));
}

#[test]
fn the_twenty_first_order_is_refused() {
    let bench = Bench::start(&definition(), input(), shop_host(21));
    let last_call = bench.host.calls.last().unwrap();
    assert_eq!(last_call.parameters["Entries"][0]["DetailType"], "OrderProcessor.ShopUnavailable");
    bench.output();
}

#[test]
fn a_customer_task_that_times_out_ends_the_order() {
    let mut bench = Bench::start(&definition(), input(), shop_host(3));
    bench.advance(Stimulus::TaskTimedOut { scheduled_event_id: 17, heartbeat: true });
    assert_eq!(
        bench.host.outline()[19..25],
        [
            "20 19 TaskTimedOut",
            "21 20 TaskStateExited",
            "22 21 PassStateEntered",
            "23 22 PassStateExited",
            "24 23 TaskStateEntered",
            "25 24 TaskScheduled",
        ]
    );
    assert_eq!(
        bench.host.events[19].to_wire(true)["taskTimedOutEventDetails"],
        json!({ "error": "States.Timeout", "resourceType": "events", "resource": "putEvents.waitForTaskToken" })
    );
    let EventKind::StateExited { output, .. } = bench.event(21) else { panic!() };
    assert_eq!(output["comment"], json!({ "Error": "States.Timeout", "Cause": "" }));
    let detail = &bench.host.calls.last().unwrap().parameters["Entries"][0]["Detail"];
    assert_eq!(detail["cause"], "Customer timedout");
    bench.output();
}

#[test]
fn an_answer_after_the_end_of_a_task_changes_nothing() {
    let mut bench = Bench::start(&definition(), input(), shop_host(3));
    bench.succeed(17, json!({}));
    let (before, events) = (bench.execution.clone(), bench.host.events.len());
    bench.succeed(17, json!({ "again": true }));
    bench.advance(Stimulus::TaskTimedOut { scheduled_event_id: 17, heartbeat: true });
    bench.advance(Stimulus::TimerFired { event_id: 17 });
    bench.advance(Stimulus::Start);
    assert_eq!((bench.execution, bench.host.events.len()), (before, events));
}

#[test]
fn a_catcher_that_discards_the_input_fails_the_order_in_the_words_of_aws() {
    let mut machine = definition();
    let catcher = &mut machine["States"]["Emit - Workflow Started TT"]["Catch"][0];
    catcher.as_object_mut().unwrap().remove("ResultPath");
    let mut bench = Bench::start(&machine, input(), shop_host(3));
    bench.advance(Stimulus::TaskTimedOut { scheduled_event_id: 17, heartbeat: true });
    let cause = "An error occurred while executing the state 'Emit - error timeout' (entered at the event id #24). The \
                 JSONPath '$.detail.orderId' specified for the field 'orderId.$' could not be found in the input \
                 '{\"Error\":\"States.Timeout\",\"Cause\":\"\",\"cause\":\"Customer timedout\"}'";
    assert_eq!(bench.failure(), &task_error("States.Runtime", cause));
    assert_eq!(bench.host.outline().last().unwrap(), "25 24 ExecutionFailed");
}

#[test]
fn a_cancelled_order_fails_its_task_with_error_and_cause() {
    let mut bench = Bench::start(&definition(), input(), shop_host(3));
    bench.fail(17, "OrderCancelled", "by the customer");
    assert_eq!(bench.failure(), &task_error("OrderCancelled", "by the customer"));
    assert_eq!(bench.host.outline()[19..], ["20 19 TaskFailed", "21 20 ExecutionFailed"]);
}
