//! Retry and Catch.

use serde_json::{Value, json};

use super::{Bench, task_error};
use crate::stepfunctions::language::{
    history_event::EventKind,
    host::{CallOutcome, Stimulus},
    testing::ScriptedHost,
};

/// A task that waits for its token, with these retriers and catchers. A caught error ends in `Caught`.
fn machine(retry: Value, catch: &[&str]) -> Value {
    let mut task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken",
        "Parameters": { "t.$": "$$.Task.Token", "n.$": "$$.State.RetryCount" }, "Retry": retry, "End": true,
    });
    let mut states = json!({});
    if !catch.is_empty() {
        task["Catch"] = json!([{ "ErrorEquals": catch, "Next": "Caught", "ResultPath": "$.e" }]);
        states["Caught"] = json!({ "Type": "Pass", "End": true });
    }
    states["X"] = task;
    json!({ "StartAt": "X", "States": states })
}

fn open_task(bench: &Bench) -> i64 {
    *bench.host.tasks.keys().next().unwrap()
}

/// Fails the open task; returns the seconds until the next attempt, if there is one.
fn fail_and_retry(bench: &mut Bench, error: &str) -> Option<f64> {
    bench.fail(open_task(bench), error, "why");
    let failed = *bench.host.timers.keys().next()?;
    let before = bench.host.now;
    Some((bench.fire(failed).millis() - before) as f64 / 1000.0)
}

#[test]
fn a_retried_task_has_a_new_token_and_counts_its_attempts() {
    let mut bench = Bench::start(&machine(json!([{ "ErrorEquals": ["E"] }]), &[]), json!({}), ScriptedHost::default());
    assert_eq!(fail_and_retry(&mut bench, "E"), Some(1.0));
    assert_eq!(
        bench.host.outline()[4..],
        ["5 4 TaskSubmitted", "6 5 TaskFailed", "7 6 TaskScheduled", "8 7 TaskStarted", "9 8 TaskSubmitted"]
    );
    assert_eq!(bench.host.tasks[&7].token.as_deref(), Some("token-2"));
    assert_eq!(bench.host.calls[1].parameters, json!({ "t": "token-2", "n": 1 }));
    bench.succeed(3, json!("an answer with the old token"));
    assert_eq!(bench.host.events.len(), 9);
    bench.succeed(7, json!("done"));
    assert_eq!(bench.output(), "done");
}

#[test]
fn delays_grow_to_their_maximum_and_attempts_end() {
    let retrier = json!([{
        "ErrorEquals": ["E"], "IntervalSeconds": 3, "BackoffRate": 1.5, "MaxAttempts": 4, "MaxDelaySeconds": 8,
    }]);
    let mut bench = Bench::start(&machine(retrier, &[]), json!({}), ScriptedHost::default());
    for delay in [3.0, 4.5, 6.75, 8.0] {
        assert_eq!(fail_and_retry(&mut bench, "E"), Some(delay));
    }
    assert_eq!(fail_and_retry(&mut bench, "E"), None);
    assert_eq!(bench.failure(), &task_error("E", "why"));
}

#[test]
fn each_retrier_counts_for_itself_and_the_first_that_names_the_error_decides() {
    let retriers = json!([
        { "ErrorEquals": ["A"], "IntervalSeconds": 1, "MaxAttempts": 1 },
        { "ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "MaxAttempts": 2, "BackoffRate": 2.0 },
    ]);
    let mut bench = Bench::start(&machine(retriers, &["A"]), json!({}), ScriptedHost::default());
    assert_eq!(fail_and_retry(&mut bench, "B"), Some(10.0));
    assert_eq!(fail_and_retry(&mut bench, "A"), Some(1.0));
    assert_eq!(fail_and_retry(&mut bench, "C"), Some(20.0));
    assert_eq!(fail_and_retry(&mut bench, "A"), None, "A has had its attempt, and States.ALL does not take over");
    assert_eq!(bench.output(), &json!({ "e": { "Error": "A", "Cause": "why" } }));
}

#[test]
fn full_jitter_lies_between_nothing_and_the_delay() {
    let retrier = json!([{ "ErrorEquals": ["E"], "IntervalSeconds": 4, "JitterStrategy": "FULL" }]);
    for (random, delay) in [(0, 0.0), (4_000, 4.0), (4_001, 0.0), (1_234, 1.234)] {
        let host = ScriptedHost::default().draw(random);
        let mut bench = Bench::start(&machine(retrier.clone(), &[]), json!({}), host);
        assert_eq!(fail_and_retry(&mut bench, "E"), Some(delay));
    }
}

#[test]
fn no_attempts_means_no_retry() {
    let retriers = json!([{ "ErrorEquals": ["E"], "MaxAttempts": 0 }, { "ErrorEquals": ["States.ALL"] }]);
    let mut bench = Bench::start(&machine(retriers, &[]), json!({}), ScriptedHost::default());
    assert_eq!(fail_and_retry(&mut bench, "E"), None);
}

#[test]
fn error_names_match_as_aws_documents_them() {
    for (error, names, is_caught) in [
        ("E", &["E"][..], true),
        ("E", &["F", "E"], true),
        ("E", &["F"], false),
        ("E", &["States.ALL"], true),
        ("E", &["States.TaskFailed"], true),
        ("States.Timeout", &["States.TaskFailed"], false),
        ("States.Timeout", &["States.ALL"], true),
        ("States.Runtime", &["States.ALL"], false),
        ("States.Runtime", &["States.Runtime"], false),
        // Reported by a task; if the state's own data are too large, this is different.
        ("States.DataLimitExceeded", &["States.ALL"], true),
        ("States.DataLimitExceeded", &["States.DataLimitExceeded"], true),
        ("States.TaskFailed", &["States.TaskFailed"], true),
        ("", &["States.ALL"], true),
    ] {
        let mut bench = Bench::start(&machine(json!([]), names), json!({}), ScriptedHost::default());
        bench.fail(3, error, "");
        assert_eq!(bench.host.types().contains(&"PassStateEntered".to_owned()), is_caught, "{error} {names:?}");
    }
}

#[test]
fn a_heartbeat_timeout_matches_both_error_names() {
    for (heartbeat, names, is_caught) in [
        (true, &["States.HeartbeatTimeout"][..], true),
        (true, &["States.Timeout"], true),
        (false, &["States.HeartbeatTimeout"], false),
        (false, &["States.Timeout"], true),
    ] {
        let mut bench = Bench::start(&machine(json!([]), names), json!({}), ScriptedHost::default());
        bench.advance(Stimulus::TaskTimedOut { scheduled_event_id: 3, heartbeat });
        assert_eq!(bench.host.types().contains(&"PassStateEntered".to_owned()), is_caught, "{heartbeat} {names:?}");
        if is_caught {
            assert_eq!(bench.output()["e"], json!({ "Error": "States.Timeout", "Cause": "" }));
        }
    }
}

#[test]
fn an_answer_without_error_and_cause_reaches_the_catcher_as_nulls() {
    let mut bench = Bench::start(&machine(json!([]), &["States.ALL"]), json!({}), ScriptedHost::default());
    bench.fail(3, "", "");
    assert_eq!(bench.output()["e"], json!({ "Error": null, "Cause": null }));
    let details = &bench.host.events[5].to_wire(true)["taskFailedEventDetails"];
    assert_eq!(details, &json!({ "resourceType": "events", "resource": "putEvents.waitForTaskToken" }));
}

#[test]
fn a_service_error_is_caught_by_its_name() {
    let error = task_error("DynamoDB.ConditionalCheckFailedException", "The conditional request failed");
    let host = ScriptedHost::default().answer("updateItem", CallOutcome::Answered(Err(error)));
    let definition = json!({
        "StartAt": "X",
        "States": {
            "X": {
                "Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem", "End": true,
                "Catch": [{ "ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"], "Next": "Full" }],
            },
            "Full": { "Type": "Pass", "End": true },
        },
    });
    let bench = Bench::start(&definition, json!({ "a": 1 }), host);
    let expected =
        json!({ "Error": "DynamoDB.ConditionalCheckFailedException", "Cause": "The conditional request failed" });
    assert_eq!(bench.output(), &expected);
    assert_eq!(bench.host.types()[2..6], ["TaskScheduled", "TaskStarted", "TaskFailed", "TaskStateExited"]);
    assert!(bench.host.tasks.is_empty());
}

#[test]
fn a_runtime_error_after_success_is_never_caught() {
    let host = ScriptedHost::default();
    let definition = json!({
        "StartAt": "X",
        "States": {
            "X": {
                "Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "End": true,
                "ResultSelector": { "n.$": "$.Item.no" }, "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "C" }],
            },
            "C": { "Type": "Pass", "End": true },
        },
    });
    let bench = Bench::start(&definition, json!({}), host);
    assert_eq!(bench.host.types()[4..], ["TaskSucceeded", "ExecutionFailed"]);
    assert!(
        bench
            .failure()
            .cause
            .contains("'$.Item.no' specified for the field 'n.$' could not be found in the input '{}'")
    );
}

#[test]
fn an_intrinsic_failure_is_caught_before_the_task_is_scheduled() {
    let definition = json!({
        "StartAt": "X",
        "States": {
            "X": {
                "Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "End": true,
                "Parameters": { "Key.$": "States.StringToJson($.bad)" },
                "Retry": [{ "ErrorEquals": ["States.ALL"] }],
                "Catch": [{ "ErrorEquals": ["States.IntrinsicFailure"], "Next": "C", "ResultPath": "$.e.at[0]" },
                          { "ErrorEquals": ["States.ALL"], "Next": "C" }],
            },
            "C": { "Type": "Pass", "End": true },
        },
    });
    let caught = Bench::start(&definition, json!({ "bad": "{", "e": { "at": [0] } }), ScriptedHost::default());
    assert_eq!(caught.host.types()[1..3], ["TaskStateEntered", "TaskStateExited"]);
    assert_eq!(caught.output()["e"]["at"][0]["Error"], "States.IntrinsicFailure");
    let unplaced = Bench::start(&definition, json!({ "bad": "{" }), ScriptedHost::default());
    assert_eq!(unplaced.failure().error, "States.ResultPathMatchFailure");
    let EventKind::ExecutionFailed(_) = unplaced.event(3) else { panic!() };
}

#[test]
fn attempts_start_again_when_the_state_is_entered_again() {
    let definition = json!({ "StartAt": "Try", "States": {
        "Try": {
            "Type": "Task", "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken",
            "Parameters": { "n.$": "$$.State.RetryCount" }, "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": 1 }],
            "Catch": [{ "ErrorEquals": ["E"], "Next": "Again", "ResultPath": null }], "End": true,
        },
        "Again": { "Type": "Pass", "Next": "Try" },
    } });
    let mut bench = Bench::start(&definition, json!({}), ScriptedHost::default());
    for _ in 0..3 {
        for retried in [true, false] {
            let open = *bench.host.tasks.keys().next().unwrap();
            bench.fail(open, "E", "");
            assert_eq!(bench.host.timers.len(), usize::from(retried), "{}", bench.outline());
            if let Some(timer) = bench.host.timers.keys().next().copied() {
                bench.fire(timer);
            }
        }
    }
    let counts: Vec<&Value> = bench.host.calls.iter().map(|call| &call.parameters["n"]).collect();
    assert_eq!(counts, [0, 1, 0, 1, 0, 1, 0]);
}
