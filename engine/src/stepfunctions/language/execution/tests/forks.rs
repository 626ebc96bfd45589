//! Parallel and Map states.

use serde_json::{Value, json};

use super::{Bench, task_error};
use crate::stepfunctions::language::{host::Stimulus, testing::ScriptedHost};

fn token_task(members: Value) -> Value {
    let mut state = json!({
        "Type": "Task", "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken", "End": true,
    });
    state.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    state
}

fn branch(name: &str, state: Value) -> Value {
    json!({ "StartAt": name, "States": { name: state } })
}

fn parallel(branches: Value, members: Value) -> Value {
    let mut state = json!({ "Type": "Parallel", "Branches": branches, "End": true });
    state.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({ "StartAt": "P", "States": { "P": state } })
}

fn map(processor: Value, members: Value) -> Value {
    let mut state = json!({ "Type": "Map", "ItemProcessor": processor, "End": true });
    state.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({ "StartAt": "M", "States": { "M": state } })
}

#[test]
fn branches_run_in_parallel_and_their_results_keep_their_order() {
    let branches = json!([
        branch("A", token_task(json!({}))),
        branch("B", json!({ "Type": "Pass", "Parameters": { "b.$": "$.n" }, "End": true })),
        branch("C", token_task(json!({}))),
    ]);
    let members = json!({ "Parameters": { "n.$": "$.n" }, "ResultSelector": { "all.$": "$" }, "ResultPath": "$.r" });
    let mut bench = Bench::start(&parallel(branches, members), json!({ "n": 5 }), ScriptedHost::default());
    assert_eq!(
        bench.host.outline()[1..],
        [
            "2 0 ParallelStateEntered",
            "3 2 ParallelStateStarted",
            "4 3 TaskStateEntered",
            "5 4 TaskScheduled",
            "6 5 TaskStarted",
            "7 6 TaskSubmitted",
            "8 3 PassStateEntered",
            "9 8 PassStateExited",
            "10 3 TaskStateEntered",
            "11 10 TaskScheduled",
            "12 11 TaskStarted",
            "13 12 TaskSubmitted",
        ]
    );
    bench.succeed(11, json!("c"));
    bench.succeed(5, json!("a"));
    assert_eq!(
        bench.host.outline()[13..],
        [
            "14 13 TaskSucceeded",
            "15 14 TaskStateExited",
            "16 7 TaskSucceeded",
            "17 16 TaskStateExited",
            "18 17 ParallelStateSucceeded",
            "19 17 ParallelStateExited",
            "20 19 ExecutionSucceeded",
        ]
    );
    assert_eq!(bench.output(), &json!({ "n": 5, "r": { "all": ["a", { "b": 5 }, "c"] } }));
}

#[test]
fn a_failing_branch_aborts_the_others_and_may_be_caught() {
    let branches = json!([
        branch("A", token_task(json!({}))),
        branch("W", json!({ "Type": "Wait", "Seconds": 9, "End": true })),
        branch("C", token_task(json!({}))),
    ]);
    let catch = json!([{ "ErrorEquals": ["E"], "Next": "Caught", "ResultPath": "$.e" }]);
    let mut definition = parallel(branches, json!({ "Catch": catch }));
    definition["States"]["Caught"] = json!({ "Type": "Pass", "End": true });
    let mut bench = Bench::start(&definition, json!({}), ScriptedHost::default());
    assert_eq!((bench.host.tasks.len(), bench.host.timers.len()), (2, 1));
    bench.fail(5, "E", "why");
    assert_eq!(
        bench.host.outline()[12..19],
        [
            "13 7 TaskFailed",
            "14 13 TaskStateAborted",
            "15 13 WaitStateAborted",
            "16 13 TaskStateAborted",
            "17 13 ParallelStateFailed",
            "18 17 ParallelStateExited",
            "19 18 PassStateEntered",
        ]
    );
    assert_eq!((bench.host.tasks.len(), bench.host.timers.len()), (0, 0));
    assert_eq!(bench.output(), &json!({ "e": { "Error": "E", "Cause": "why" } }));
}

#[test]
fn a_parallel_state_is_retried_with_the_history_of_aws() {
    let branches =
        json!([branch("F", json!({ "Type": "Fail", "Error": "FailureType", "Cause": "Cause description" }))]);
    let retry = json!([{ "ErrorEquals": ["FailureType"], "IntervalSeconds": 1, "MaxAttempts": 2 }]);
    let mut bench = Bench::start(&parallel(branches, json!({ "Retry": retry })), json!({}), ScriptedHost::default());
    assert_eq!(bench.execution.open_timers(), [4]);
    bench.fire(4);
    bench.fire(6);
    assert_eq!(
        bench.host.outline(),
        [
            "1 0 ExecutionStarted",
            "2 0 ParallelStateEntered",
            "3 2 ParallelStateStarted",
            "4 3 FailStateEntered",
            "5 4 ParallelStateStarted",
            "6 5 FailStateEntered",
            "7 6 ParallelStateStarted",
            "8 7 FailStateEntered",
            "9 8 ParallelStateFailed",
            "10 9 ExecutionFailed",
        ]
    );
    assert_eq!(bench.failure(), &task_error("FailureType", "Cause description"));
}

#[test]
fn a_task_in_a_branch_is_retried_before_its_parallel_state_is() {
    let retry = |attempts: i64| json!([{ "ErrorEquals": ["E"], "MaxAttempts": attempts }]);
    let branches = json!([branch("A", token_task(json!({ "Retry": retry(1) }))), branch("B", token_task(json!({}))),]);
    let mut bench = Bench::start(&parallel(branches, json!({ "Retry": retry(1) })), json!({}), ScriptedHost::default());
    bench.fail(5, "E", "");
    assert_eq!(bench.execution.open_tasks(), [9], "the other branch continues");
    bench.fire(12);
    bench.fail(13, "E", "");
    assert_eq!(bench.execution.open_tasks(), [0; 0], "now the whole Parallel state pauses");
    assert_eq!(bench.execution.open_timers(), [16]);
    bench.fire(16);
    assert_eq!(bench.execution.open_tasks().len(), 2);
    assert_eq!(bench.host.types()[15..18], ["TaskFailed", "TaskStateAborted", "TaskStateAborted"]);
    assert_eq!(bench.host.outline()[18], "19 16 ParallelStateStarted");
}

#[test]
fn items_are_worked_on_one_after_the_other_with_the_history_of_aws() {
    let processor = branch("D", json!({ "Type": "Pass", "End": true }));
    let members = json!({ "ItemsPath": "$.arr", "MaxConcurrency": 1, "ResultPath": "$.r" });
    let bench = Bench::start(&map(processor, members), json!({ "arr": [7, 8] }), ScriptedHost::default());
    assert_eq!(
        bench.host.outline()[1..],
        [
            "2 0 MapStateEntered",
            "3 2 MapStateStarted",
            "4 3 MapIterationStarted",
            "5 4 PassStateEntered",
            "6 5 PassStateExited",
            "7 6 MapIterationSucceeded",
            "8 6 MapIterationStarted",
            "9 8 PassStateEntered",
            "10 9 PassStateExited",
            "11 10 MapIterationSucceeded",
            "12 11 MapStateSucceeded",
            "13 11 MapStateExited",
            "14 13 ExecutionSucceeded",
        ]
    );
    let wire = bench.host.events[7].to_wire(true);
    assert_eq!(wire["mapIterationStartedEventDetails"], json!({ "name": "M", "index": 1 }));
    assert_eq!(bench.host.events[2].to_wire(true)["mapStateStartedEventDetails"], json!({ "length": 2 }));
    assert_eq!(bench.output(), &json!({ "arr": [7, 8], "r": [7, 8] }));
}

#[test]
fn a_map_state_waits_for_every_token_with_two_iterations_at_a_time() {
    let selector = json!({ "drink.$": "$$.Map.Item.Value", "number.$": "$$.Map.Item.Index", "round.$": "$.round" });
    let task = token_task(json!({ "Parameters": { "of.$": "$$.Map.Item.Value", "in.$": "$" } }));
    let members = json!({ "ItemsPath": "$.drinks", "MaxConcurrencyPath": "$.most", "ItemSelector": selector });
    let input = json!({ "round": "r1", "most": 2, "drinks": ["latte", "mocha", "ristretto"] });
    let mut bench = Bench::start(&map(branch("T", task), members), input, ScriptedHost::default());
    let in_first = json!({ "of": "latte", "in": { "drink": "latte", "number": 0, "round": "r1" } });
    assert_eq!(bench.host.calls[0].parameters, in_first);
    let open = bench.execution.open_tasks();
    assert_eq!(open.len(), 2);
    bench.succeed(open[1], json!("second"));
    assert_eq!(bench.host.calls[2].parameters["of"], "ristretto");
    let third = *bench.execution.open_tasks().iter().max().unwrap();
    bench.succeed(third, json!("third"));
    bench.succeed(open[0], json!("first"));
    assert_eq!(bench.output(), &json!(["first", "second", "third"]));
}

#[test]
fn parameters_are_the_older_name_of_the_item_selector() {
    let members = json!({ "ItemsPath": "$.drinks", "Parameters": { "d.$": "$$.Map.Item.Value", "r.$": "$.round" } });
    let input = json!({ "round": 1, "drinks": ["latte", "mocha"] });
    let machine = map(branch("P", json!({ "Type": "Pass", "End": true })), members);
    let bench = Bench::start(&machine, input, ScriptedHost::default());
    assert_eq!(bench.output(), &json!([{ "d": "latte", "r": 1 }, { "d": "mocha", "r": 1 }]));
}

#[test]
fn no_items_are_no_work() {
    let bench =
        Bench::start(&map(branch("D", json!({ "Type": "Succeed" })), json!({})), json!([]), ScriptedHost::default());
    assert_eq!(bench.output(), &json!([]));
    assert_eq!(bench.host.types()[1..5], ["MapStateEntered", "MapStateStarted", "MapStateSucceeded", "MapStateExited"]);
    let wrong = Bench::start(
        &map(branch("D", json!({ "Type": "Succeed" })), json!({ "ItemsPath": "$.a" })),
        json!({ "a": 1 }),
        ScriptedHost::default(),
    );
    assert!(wrong.failure().cause.ends_with("Reference path \"$.a\" must point to array."));
}

#[test]
fn a_map_state_is_retried_with_the_history_of_aws() {
    let retry = json!([{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1 }]);
    let processor = branch("F", json!({ "Type": "Fail", "Error": "E", "Cause": "C" }));
    let mut bench = Bench::start(
        &map(processor, json!({ "Retry": retry, "MaxConcurrency": 1 })),
        json!([1]),
        ScriptedHost::default(),
    );
    assert_eq!(bench.execution.open_timers(), [5]);
    bench.fire(5);
    assert_eq!(
        bench.host.outline()[2..],
        [
            "3 2 MapStateStarted",
            "4 3 MapIterationStarted",
            "5 4 FailStateEntered",
            "6 5 MapIterationFailed",
            "7 5 MapStateStarted",
            "8 7 MapIterationStarted",
            "9 8 FailStateEntered",
            "10 9 MapIterationFailed",
            "11 9 MapStateFailed",
            "12 11 ExecutionFailed",
        ]
    );
}

#[test]
fn an_iteration_that_fails_aborts_the_others() {
    let processor = branch("T", token_task(json!({})));
    let mut bench = Bench::start(&map(processor, json!({})), json!([1, 2, 3]), ScriptedHost::default());
    let open = bench.execution.open_tasks();
    bench.advance(Stimulus::TaskTimedOut { scheduled_event_id: open[0], heartbeat: false });
    let types = bench.host.types();
    assert_eq!(
        types[types.len() - 9..],
        [
            "TaskTimedOut",
            "MapIterationFailed",
            "TaskStateAborted",
            "MapIterationAborted",
            "TaskStateAborted",
            "MapIterationAborted",
            "TaskStateAborted",
            "MapStateFailed",
            "ExecutionFailed",
        ]
    );
    assert_eq!(bench.failure(), &task_error("States.Timeout", ""));
}

#[test]
fn an_item_selector_that_fails_ends_the_map_state() {
    let members = json!({ "ItemSelector": { "v.$": "States.StringToJson($$.Map.Item.Value)" }, "Catch": [
        { "ErrorEquals": ["States.IntrinsicFailure"], "Next": "Caught" }
    ] });
    let mut definition = map(branch("T", token_task(json!({}))), members);
    definition["States"]["Caught"] = json!({ "Type": "Pass", "End": true });
    let bench = Bench::start(&definition, json!(["1", "{"]), ScriptedHost::default());
    assert_eq!(bench.output()["Error"], "States.IntrinsicFailure");
    assert!(bench.host.types().contains(&"MapStateFailed".to_owned()));
}

#[test]
fn nested_forks_pass_inner_failures_outwards() {
    let inner = json!({
        "Type": "Parallel", "End": true,
        "Branches": [branch("A", token_task(json!({}))), branch("B", token_task(json!({})))],
    });
    let definition = map(branch("P", inner), json!({ "ItemsPath": "$.items" }));
    let start = || Bench::start(&definition, json!({ "items": [1, 2] }), ScriptedHost::default());
    let mut succeeds = start();
    while let Some(task) = succeeds.execution.open_tasks().pop() {
        succeeds.succeed(task, json!(task));
    }
    assert_eq!(succeeds.output().as_array().unwrap().len(), 2);
    let mut fails = start();
    let open = fails.execution.open_tasks();
    fails.fail(open[1], "E", "");
    let types = fails.host.types();
    let actual = |name: &str| types.iter().filter(|kind| *kind == name).count();
    assert_eq!((actual("ParallelStateFailed"), actual("MapIterationFailed"), actual("MapIterationAborted")), (1, 1, 1));
    assert_eq!((actual("ParallelStateAborted"), actual("MapStateFailed"), actual("ExecutionFailed")), (1, 1, 1));
    assert_eq!(fails.failure(), &task_error("E", ""));
}

#[test]
fn a_failure_in_a_nested_branch_is_caught_by_the_outermost_state() {
    let broken = json!({ "Type": "Pass", "Parameters": { "x.$": "States.StringToJson('{')" }, "End": true });
    let inner = json!({ "Type": "Parallel", "Branches": [branch("B", broken), branch("T", token_task(json!({})))], "End": true });
    let catch = json!([{ "ErrorEquals": ["States.IntrinsicFailure"], "Next": "Caught" }]);
    let mut definition =
        parallel(json!([branch("I", inner), branch("U", token_task(json!({})))]), json!({ "Catch": catch }));
    definition["States"]["Caught"] = json!({ "Type": "Wait", "Seconds": 1, "End": true });
    let bench = Bench::start(&definition, json!({}), ScriptedHost::default());
    assert_eq!(bench.execution.open_tasks(), [0; 0]);
    assert_eq!(bench.execution.open_timers().len(), 1, "the catcher's state waits, and the history replays to it");
}
