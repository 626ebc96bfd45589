//! Wait states, the execution's own time-out, and stopping.

use serde_json::{Value, json};

use super::{Bench, task_error};
use crate::{
    clock::Timestamp,
    stepfunctions::language::{
        host::{ExecutionEnd, Stimulus},
        testing::ScriptedHost,
    },
};

fn wait(until: Value, input: Value) -> Bench {
    let mut state = json!({ "Type": "Wait", "End": true });
    state.as_object_mut().unwrap().extend(until.as_object().unwrap().clone());
    Bench::one(state, input, ScriptedHost::default())
}

#[test]
fn a_wait_ends_when_its_time_has_come() {
    let late = "1970-01-01T01:00:00+00:30";
    for (until, due) in [
        (json!({ "Seconds": 5 }), 6_000),
        (json!({ "SecondsPath": "$.s" }), 8_000),
        (json!({ "Timestamp": late }), 1_800_000),
        (json!({ "TimestampPath": "$.t" }), 1_800_000),
    ] {
        let mut bench = wait(until.clone(), json!({ "s": 7, "t": late }));
        assert_eq!(bench.host.timers[&2], Timestamp(due), "{until}");
        bench.fire(2);
        assert_eq!(bench.output(), &json!({ "s": 7, "t": late }));
        assert_eq!(bench.host.types()[1..], ["WaitStateEntered", "WaitStateExited", "ExecutionSucceeded"]);
        assert_eq!(bench.host.events[2].timestamp, Timestamp(due));
    }
}

#[test]
fn a_wait_for_an_invalid_time_fails_in_the_words_of_aws() {
    for (until, input, words) in [
        (
            json!({ "SecondsPath": "$.s" }),
            json!({}),
            "The SecondsPath parameter does not reference an input value: $.s",
        ),
        (
            json!({ "SecondsPath": "$.s" }),
            json!({ "s": -1 }),
            "The SecondsPath parameter references a negative value: $.s == -1",
        ),
        (
            json!({ "SecondsPath": "$.s" }),
            json!({ "s": 1.5 }),
            "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5",
        ),
        (
            json!({ "TimestampPath": "$.s" }),
            json!({ "s": "2016-12-05 21:29:29Z" }),
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: \
             $.s == 2016-12-05 21:29:29Z",
        ),
        (json!({ "SecondsPath": "$.s" }), json!({ "s": 2_147_483_648_i64 }), "Wait state delay is too long."),
    ] {
        let bench = wait(until, input);
        let place = "An error occurred while executing the state 'X' (entered at the event id #2).";
        assert_eq!(bench.failure(), &task_error("States.Runtime", &format!("{place} {words}")));
    }
}

#[test]
fn the_time_out_of_the_machine_ends_the_execution() {
    let definition = json!({
        "StartAt": "X", "TimeoutSeconds": 300, "States": { "X": { "Type": "Wait", "Seconds": 1000, "End": true } },
    });
    let mut bench = Bench::start(&definition, json!({}), ScriptedHost::default());
    assert_eq!(bench.host.timers[&1], Timestamp(301_000));
    bench.fire(1);
    assert_eq!(bench.host.end, Some(ExecutionEnd::TimedOut(task_error("States.Timeout", ""))));
    assert_eq!(bench.host.outline()[2..], ["3 0 ExecutionTimedOut"]);
}

#[test]
fn a_stopped_execution_is_aborted_and_stays_so() {
    let mut bench = wait(json!({ "Seconds": 5 }), json!({}));
    bench.advance(Stimulus::Stop(task_error("", "closing time")));
    assert_eq!(bench.host.end, Some(ExecutionEnd::Aborted(task_error("", "closing time"))));
    let wire = bench.host.events[2].to_wire(true);
    assert_eq!(wire["executionAbortedEventDetails"], json!({ "cause": "closing time" }));
    assert_eq!(wire["previousEventId"], 0);
    bench.advance(Stimulus::TimerFired { event_id: 2 });
    bench.advance(Stimulus::Stop(task_error("", "")));
    assert_eq!(bench.host.events.len(), 3);
}

#[test]
fn an_endless_loop_ends_when_the_history_is_full() {
    let definition = json!({
        "StartAt": "A",
        "States": {
            "A": { "Type": "Pass", "Next": "B" },
            "B": { "Type": "Choice", "Default": "A", "Choices": [{ "Variable": "$.x", "IsPresent": true, "Next": "E" }] },
            "E": { "Type": "Succeed" },
        },
    });
    let bench = Bench::start(&definition, json!({}), ScriptedHost::default());
    let cause = "The execution reached the maximum number of history events (25000).";
    assert_eq!(bench.failure(), &task_error("States.Runtime", cause));
    assert_eq!(bench.host.events.len(), 25_000);
    assert_eq!(bench.host.types().last().unwrap(), "ExecutionFailed");
}
