//! Task states: calls, answers, deadlines, tokens.

use serde_json::{Value, json};

use super::{Bench, task_error};
use crate::{
    clock::Timestamp,
    stepfunctions::language::{
        history_event::EventKind,
        host::{CallOutcome, Pattern, Stimulus},
        testing::ScriptedHost,
    },
};

const FUNCTION: &str = "arn:aws:lambda:eu-central-1:000000000000:function:sanitise";

fn task(resource: &str, members: Value) -> Value {
    let mut state = json!({ "Type": "Task", "Resource": resource, "End": true });
    state.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    state
}

fn pending(action: &str) -> ScriptedHost {
    ScriptedHost::default().answer(action, CallOutcome::Pending)
}

#[test]
fn a_pending_call_is_answered_later_and_its_result_is_processed() {
    let members = json!({
        "Parameters": { "FunctionName": "f", "Payload.$": "$" }, "ResultSelector": { "type": 0, "v.$": "$.Payload" },
        "ResultPath": "$.r", "OutputPath": "$.r", "TimeoutSecondsPath": "$.t", "HeartbeatSecondsPath": "$.h",
    });
    let state = task("arn:aws:states:::lambda:invoke", members);
    let mut bench = Bench::one(state, json!({ "t": 9, "h": 4 }), pending("invoke"));
    assert_eq!(bench.host.outline()[1..], ["2 0 TaskStateEntered", "3 2 TaskScheduled", "4 3 TaskStarted"]);
    let open = &bench.host.tasks[&3];
    assert_eq!((open.token.clone(), open.deadlines.timeout), (None, Some(Timestamp(10_000))));
    assert_eq!(open.deadlines.heartbeat_interval_ms, Some(4_000));
    let EventKind::TaskScheduled { timeout_in_seconds, heartbeat_in_seconds, .. } = bench.event(3) else { panic!() };
    assert_eq!((*timeout_in_seconds, *heartbeat_in_seconds), (Some(9), Some(4)));
    bench.advance(Stimulus::CallAnswered { scheduled_event_id: 3, answer: Ok(json!({ "Payload": [1] })) });
    assert_eq!(bench.output(), &json!({ "type": 0, "v": [1] }));
}

#[test]
fn a_function_arn_as_resource_has_its_own_event_types() {
    let mut bench = Bench::one(task(FUNCTION, json!({ "TimeoutSeconds": 5 })), json!({ "a": 1 }), pending("invoke"));
    let call = &bench.host.calls[0];
    assert_eq!((call.resource_type.as_str(), call.pattern), ("lambda", Pattern::RequestResponse));
    assert_eq!(call.parameters, json!({ "FunctionName": FUNCTION, "Payload": { "a": 1 } }));
    let details = json!({
        "resource": FUNCTION, "input": "{\"a\":1}", "inputDetails": { "truncated": false }, "timeoutInSeconds": 5,
    });
    assert_eq!(bench.host.events[2].to_wire(true)["lambdaFunctionScheduledEventDetails"], details);
    bench.advance(Stimulus::CallAnswered { scheduled_event_id: 3, answer: Ok(json!("made")) });
    let types = ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded", "TaskStateExited"];
    assert_eq!(bench.host.types()[2..6], types);
    assert_eq!(bench.output(), "made");
    let mut late = Bench::one(task(FUNCTION, json!({ "TimeoutSeconds": 5 })), json!({}), pending("invoke"));
    late.advance(Stimulus::TaskTimedOut { scheduled_event_id: 3, heartbeat: false });
    assert_eq!(late.host.types()[4..], ["LambdaFunctionTimedOut", "ExecutionFailed"]);
    assert_eq!(late.failure(), &task_error("States.Timeout", ""));
    let mut failed = Bench::one(task(FUNCTION, json!({})), json!({}), pending("invoke"));
    let answer = Err(task_error("Oops", "{}"));
    failed.advance(Stimulus::CallAnswered { scheduled_event_id: 3, answer });
    assert_eq!(failed.host.types()[4..], ["LambdaFunctionFailed", "ExecutionFailed"]);
}

#[test]
fn a_nested_execution_is_submitted_and_awaited() {
    let state = task("arn:aws:states:::states:startExecution.sync:2", json!({}));
    let started = CallOutcome::Answered(Ok(json!({ "ExecutionArn": "arn" })));
    let mut bench = Bench::one(state, json!({}), ScriptedHost::default().answer("startExecution", started));
    assert_eq!(bench.host.types()[2..], ["TaskScheduled", "TaskStarted", "TaskSubmitted"]);
    assert_eq!((bench.host.calls[0].pattern, bench.host.calls[0].action.as_str()), (Pattern::Sync2, "startExecution"));
    assert_eq!(bench.host.tasks[&3].token, None);
    bench.succeed(3, json!({ "Output": 7 }));
    assert_eq!(bench.output(), &json!({ "Output": 7 }));
}

#[test]
fn a_token_may_be_answered_before_its_call() {
    let members = json!({ "Parameters": { "Payload": { "t.$": "$$.Task.Token" } } });
    let state = || task("arn:aws:states:::lambda:invoke.waitForTaskToken", members.clone());
    let mut early = Bench::one(state(), json!({}), pending("invoke"));
    assert_eq!(early.host.tasks[&3].token.as_deref(), Some("token-1"));
    early.succeed(3, json!(1));
    early.advance(Stimulus::CallAnswered { scheduled_event_id: 3, answer: Ok(json!({})) });
    assert_eq!(early.host.types()[3..], ["TaskStarted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"]);
    let mut usual = Bench::one(state(), json!({}), pending("invoke"));
    usual.advance(Stimulus::CallAnswered { scheduled_event_id: 3, answer: Ok(json!({})) });
    usual.advance(Stimulus::CallAnswered { scheduled_event_id: 3, answer: Ok(json!({})) });
    assert_eq!(usual.host.types()[3..], ["TaskStarted", "TaskSubmitted"]);
    let mut broken = Bench::one(state(), json!({}), pending("invoke"));
    let answer = Err(task_error("Lambda.ServiceException", "down"));
    broken.advance(Stimulus::CallAnswered { scheduled_event_id: 3, answer });
    assert_eq!(broken.host.types()[3..], ["TaskStarted", "TaskSubmitFailed", "ExecutionFailed"]);
}

#[test]
fn only_tasks_that_wait_for_a_token_have_one() {
    let members = json!({ "Parameters": { "t.$": "$$.Task.Token" } });
    let bench = Bench::one(task("arn:aws:states:::events:putEvents", members), json!({}), ScriptedHost::default());
    assert!(bench.failure().cause.contains("'$$.Task.Token' specified for the field 't.$'"));
}

#[test]
fn a_result_beyond_256_kib_fails_the_task() {
    let large = CallOutcome::Answered(Ok(json!("x".repeat(262_144))));
    let catch = json!([{ "ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught", "ResultPath": "$.e" }]);
    let definition = |catch: Value| {
        json!({
            "StartAt": "X",
            "States": {
                "X": task("arn:aws:states:::dynamodb:getItem", json!({ "Catch": catch })),
                "Caught": { "Type": "Pass", "End": true },
            },
        })
    };
    let host = || ScriptedHost::default().answer("getItem", large.clone());
    let caught = Bench::start(&definition(catch), json!({}), host());
    assert_eq!(caught.output()["e"]["Error"], "States.DataLimitExceeded");
    let cause =
        "The state/task 'dynamodb' returned a result with a size exceeding the maximum number of bytes service limit.";
    assert_eq!(caught.output()["e"]["Cause"], cause);
    let all = json!([{ "ErrorEquals": ["States.ALL"], "Next": "Caught", "ResultPath": "$.e" }]);
    assert_eq!(Bench::start(&definition(all), json!({}), host()).output()["e"]["Cause"], cause);
}

#[test]
fn a_data_limit_of_a_state_is_caught_only_by_its_own_name() {
    let parameters = json!({ "t.$": "States.Format('{}{}', $.t, $.t)" });
    for (name, is_caught) in [("States.ALL", false), ("States.TaskFailed", false), ("States.DataLimitExceeded", true)] {
        let catch = json!([{ "ErrorEquals": [name], "Next": "Caught", "ResultPath": null }]);
        let definition = json!({ "StartAt": "X", "States": {
            "X": task("arn:aws:states:::dynamodb:getItem", json!({ "Parameters": parameters, "Catch": catch })),
            "Caught": { "Type": "Pass", "End": true },
        } });
        let bench = Bench::start(&definition, json!({ "t": "x".repeat(200_000) }), ScriptedHost::default());
        assert!(bench.host.calls.is_empty(), "nothing is called with parameters that are too large");
        assert_eq!(bench.host.types().contains(&"PassStateEntered".to_owned()), is_caught, "{name}");
    }
}

#[test]
fn a_failing_store_stops_the_step_with_an_error() {
    let state = task("arn:aws:states:::dynamodb:getItem", json!({}));
    let definition = json!({ "StartAt": "X", "States": { "X": state } });
    for event in 1..=6 {
        let mut bench = Bench::new(&definition, json!({}), ScriptedHost::default());
        bench.host.fail_at = Some(event);
        let failed = bench.execution.advance(Stimulus::Start, &mut bench.host);
        assert_eq!(failed.unwrap_err().status, 500, "event {event}");
    }
}
