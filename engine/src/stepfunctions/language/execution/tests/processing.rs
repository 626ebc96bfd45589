//! Input and output processing, the context object, and states that pass their input on.

use serde_json::{Value, json};

use super::{Bench, task_error};
use crate::stepfunctions::language::{
    host::{CallOutcome, ExecutionEnd, TaskError},
    testing::ScriptedHost,
};

/// The output of a Pass state with these members.
fn pass(members: Value, input: Value) -> Result<Value, String> {
    let mut state = json!({ "Type": "Pass", "End": true });
    state.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let bench = Bench::one(state, input, ScriptedHost::default());
    match &bench.host.end {
        Some(ExecutionEnd::Succeeded(output)) => Ok(output.clone()),
        _ => Err(format!("{}: {}", bench.failure().error, bench.failure().cause)),
    }
}

#[test]
fn input_parameters_result_and_output_are_applied_in_order() {
    let input = json!({ "a": { "b": 1 }, "c": 2 });
    for (members, expected) in [
        (json!({}), input.clone()),
        (json!({ "InputPath": "$.a" }), json!({ "b": 1 })),
        (json!({ "InputPath": null }), json!({})),
        (
            json!({ "InputPath": "$.a", "Parameters": { "x.$": "$.b", "y.$": "$$.Execution.Name" } }),
            json!({ "x": 1, "y": "run" }),
        ),
        (json!({ "Result": "done" }), json!("done")),
        (json!({ "Result": "done", "ResultPath": "$.r.s" }), json!({ "a": { "b": 1 }, "c": 2, "r": { "s": "done" } })),
        (json!({ "Result": "done", "ResultPath": null }), input.clone()),
        (json!({ "Result": "done", "ResultPath": "$.a.b", "OutputPath": "$.a" }), json!({ "b": "done" })),
        (json!({ "InputPath": "$.a", "ResultPath": "$.copy" }), json!({ "a": { "b": 1 }, "c": 2, "copy": { "b": 1 } })),
        (json!({ "OutputPath": null }), json!({})),
        (json!({ "OutputPath": "$$.Execution.Input.c" }), json!(2)),
    ] {
        assert_eq!(pass(members.clone(), input.clone()), Ok(expected), "{members}");
    }
}

#[test]
fn a_path_that_selects_nothing_fails_in_the_words_of_aws() {
    let prefix = "States.Runtime: An error occurred while executing the state 'X' (entered at the event id #2). ";
    for (members, words) in [
        (json!({ "InputPath": "$.No" }), "Invalid path '$.No' : No results for path: $['No']"),
        (json!({ "OutputPath": "$.No.more" }), "Invalid path '$.No.more' : Missing property in path $['No']"),
        (
            json!({ "Parameters": { "value.$": "$.no" } }),
            "The JSONPath '$.no' specified for the field 'value.$' could not be found in the input '{\"a\":1}'",
        ),
    ] {
        assert_eq!(pass(members, json!({ "a": 1 })), Err(format!("{prefix}{words}")));
    }
    let context = pass(json!({ "Parameters": { "v.$": "$$.Execution.no" } }), json!({})).unwrap_err();
    assert!(
        context.contains("'$$.Execution.no' specified for the field 'v.$' could not be found in the input '{\"Exec")
    );
}

#[test]
fn a_result_that_cannot_be_placed_is_a_match_failure() {
    let failure = pass(json!({ "Result": 1, "ResultPath": "$.a.b" }), json!({ "a": "text" })).unwrap_err();
    assert!(failure.starts_with("States.ResultPathMatchFailure: "), "{failure}");
}

#[test]
fn the_context_object_is_that_of_aws() {
    let context = pass(json!({ "Parameters": { "all.$": "$$" }, "OutputPath": "$.all" }), json!({ "i": 0 })).unwrap();
    let expected = json!({
        "Execution": {
            "Id": "arn:aws:states:eu-central-1:000000000000:execution:machine:run", "Input": { "i": 0 },
            "StartTime": "1970-01-01T00:00:01.000Z", "Name": "run",
            "RoleArn": "arn:aws:iam::000000000000:role/doppio", "RedriveCount": 0,
        },
        "StateMachine": { "Id": "arn:aws:states:eu-central-1:000000000000:stateMachine:machine", "Name": "machine" },
        "State": { "Name": "X", "EnteredTime": "1970-01-01T00:00:01.000Z" },
    });
    assert_eq!(context, expected);
}

#[test]
fn data_beyond_256_kib_are_refused() {
    let text = |length: usize| json!({ "t": "x".repeat(length) });
    let doubled = json!({ "Parameters": { "t.$": "States.Format('{}{}', $.t, $.t)" } });
    let provided = "provided parameters with a size exceeding the maximum number of bytes service limit.";
    let returned = "returned a result with a size exceeding the maximum number of bytes service limit.";
    assert!(pass(doubled.clone(), text(131_072 - 4)).is_ok());
    let failure = pass(doubled, text(131_072 - 3)).unwrap_err();
    assert_eq!(failure, format!("States.DataLimitExceeded: The state/task 'X' {provided}"));
    let kept = json!({ "Result": "y", "ResultPath": "$.r" });
    assert!(pass(kept.clone(), text(262_144 - 16)).is_ok());
    let failure = pass(kept, text(262_144 - 15)).unwrap_err();
    assert_eq!(failure, format!("States.DataLimitExceeded: The state/task 'X' {returned}"));
}

#[test]
fn a_choice_follows_the_first_matching_rule_and_passes_its_input_on() {
    let definition = json!({
        "StartAt": "C",
        "States": {
            "C": {
                "Type": "Choice", "InputPath": "$.in", "OutputPath": "$.keep",
                "Choices": [
                    { "Variable": "$.n", "NumericGreaterThan": 10, "Next": "Large" },
                    { "Variable": "$.n", "NumericGreaterThan": 5, "Next": "Middle" },
                ],
            },
            "Large": { "Type": "Pass", "Result": "large", "End": true },
            "Middle": { "Type": "Pass", "Parameters": { "kept.$": "$" }, "End": true },
        },
    });
    let run = |n: i64| Bench::start(&definition, json!({ "in": { "n": n, "keep": "k" } }), ScriptedHost::default());
    assert_eq!(run(11).output(), "large");
    assert_eq!(run(6).output(), &json!({ "kept": "k" }));
    let none = run(1);
    assert_eq!(none.failure().error, "States.NoChoiceMatched");
    assert_eq!(none.host.outline()[1..], ["2 0 ChoiceStateEntered", "3 2 ExecutionFailed"]);
}

#[test]
fn a_choice_without_a_match_fails_in_the_words_of_aws() {
    let rule = json!({ "Variable": "$.n", "NumericEquals": 1, "Next": "One" });
    let definition = |default: Value| {
        let choice = json!({ "Type": "Choice", "Choices": [rule] });
        let choice = match (choice, default) {
            (Value::Object(mut members), Value::String(name)) => {
                members.insert("Default".to_owned(), name.into());
                Value::Object(members)
            }
            (choice, _) => choice,
        };
        json!({ "StartAt": "C", "States": { "C": choice, "One": { "Type": "Pass", "Result": "one", "End": true } } })
    };
    let run = |default: Value| Bench::start(&definition(default), json!({ "n": 2 }), ScriptedHost::default());
    assert_eq!(run(json!("One")).output(), "one");
    let cause = "An error occurred while executing the state 'C' (entered at the event id #2). Failed to transition out \
                 of the state. The state does not point to a next state.";
    assert_eq!(run(Value::Null).failure(), &task_error("States.NoChoiceMatched", cause));
}

#[test]
fn succeed_ends_with_its_processed_input() {
    let state = json!({ "Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b" });
    let bench = Bench::one(state, json!({ "a": { "b": 1 } }), ScriptedHost::default());
    assert_eq!(bench.output(), 1);
    assert_eq!(bench.host.types()[1..], ["SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded"]);
}

#[test]
fn fail_takes_its_error_and_cause_from_fields_paths_or_functions() {
    let fail = |state: Value| Bench::one(state, json!({ "e": "Ex", "c": "why" }), ScriptedHost::default());
    let bench = fail(json!({ "Type": "Fail", "Error": "E", "Cause": "C" }));
    assert_eq!(bench.failure(), &task_error("E", "C"));
    assert_eq!(bench.host.outline()[1..], ["2 0 FailStateEntered", "3 2 ExecutionFailed"]);
    let computed =
        json!({ "Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}: {}', $.c, States.UUID())" });
    assert_eq!(fail(computed).failure(), &task_error("Ex", "why: uuid-1"));
    let bare = fail(json!({ "Type": "Fail" }));
    assert_eq!(bare.host.events[2].to_wire(true)["executionFailedEventDetails"], json!({}));
    let missing = fail(json!({ "Type": "Fail", "CausePath": "$.no" }));
    assert!(missing.failure().cause.contains("'$.no' specified for the field 'CausePath'"));
}

#[test]
fn data_can_be_left_out_of_the_history() {
    let bench = Bench::one(json!({ "Type": "Succeed" }), json!({ "a": [1, 2.5] }), ScriptedHost::default());
    let entered = &bench.host.events[1];
    let expected = json!({
        "timestamp": 1.0, "type": "SucceedStateEntered", "id": 2, "previousEventId": 0,
        "stateEnteredEventDetails": { "name": "X", "input": "{\"a\":[1,2.5]}", "inputDetails": { "truncated": false } },
    });
    assert_eq!(entered.to_wire(true), expected);
    assert_eq!(entered.to_wire(false)["stateEnteredEventDetails"], json!({ "name": "X" }));
}

/// A value with this nesting depth.
fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

#[test]
fn data_that_nest_too_deeply_end_the_execution() {
    let definition = json!({ "StartAt": "Deeper", "States": {
        "Deeper": { "Type": "Pass", "Parameters": { "a.$": "$" }, "Next": "Again" },
        "Again": { "Type": "Choice", "Choices": [{ "Variable": "$.b", "IsPresent": true, "Next": "End" }],
            "Default": "Deeper" },
        "End": { "Type": "Succeed" },
    } });
    let bench = Bench::start(&definition, json!(1), ScriptedHost::default());
    match bench.host.end {
        Some(ExecutionEnd::Failed(TaskError { error, .. })) => assert_eq!(error, "States.DataLimitExceeded"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_that_is_too_deep_fails_the_task() {
    let answers = [CallOutcome::Answered(Ok(nested(101))), CallOutcome::Answered(Ok(nested(100)))];
    for (answer, good) in answers.into_iter().zip([false, true]) {
        let task = json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true });
        let bench = Bench::one(task, json!({}), ScriptedHost::default().answer("invoke", answer));
        assert_eq!(matches!(bench.host.end, Some(ExecutionEnd::Succeeded(_))), good);
    }
}

#[test]
fn an_item_selector_with_too_much_data_fails_the_map() {
    let map = json!({
        "Type": "Map", "ItemSelector": { "one.$": "$", "two.$": "$" }, "End": true,
        "ItemProcessor": { "StartAt": "In", "States": { "In": { "Type": "Succeed" } } },
    });
    let bench = Bench::one(map, json!(["x".repeat(200_000)]), ScriptedHost::default());
    match bench.host.end {
        Some(ExecutionEnd::Failed(TaskError { error, .. })) => assert_eq!(error, "States.DataLimitExceeded"),
        other => panic!("{other:?}"),
    }
}
