//! Random executions. [`Bench::advance`] checks after every step that a replay equals the execution.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Bench, order};
use crate::stepfunctions::language::{
    history_event::HistoryEvent,
    host::{CallOutcome, Stimulus, TaskError},
    testing::ScriptedHost,
};

/// What happens next to one of the open tasks and timers.
#[derive(Debug, Clone)]
enum Move {
    Succeed(usize, Value),
    Fail(usize, &'static str),
    TimeOut(usize, bool),
    AnswerCall(usize, bool),
    Fire(usize),
    /// A stimulus that nothing waits for.
    Stray(i64),
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |number| serde_json::Number::from_f64(number).map(Value::Number)),
        "[a-z\\u{e9}\"\\\\]{0,6}".prop_map(Value::from),
        prop::collection::vec(any::<u8>().prop_map(Value::from), 0..3).prop_map(Value::from),
    ]
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (0..8usize, value()).prop_map(|(at, output)| Move::Succeed(at, output)),
        3 => (0..8usize, prop::sample::select(vec!["A", "B", "States.Timeout", ""])).prop_map(|(at, e)| Move::Fail(at, e)),
        1 => (0..8usize, any::<bool>()).prop_map(|(at, heartbeat)| Move::TimeOut(at, heartbeat)),
        1 => (0..8usize, any::<bool>()).prop_map(|(at, good)| Move::AnswerCall(at, good)),
        4 => (0..8usize).prop_map(Move::Fire),
        1 => (0..200i64).prop_map(Move::Stray),
    ];
    prop::collection::vec(one, 0..40)
}

/// A state that may end a branch: it waits, computes or fails.
fn leaf(name: String) -> BoxedStrategy<Value> {
    let retry = json!([
        { "ErrorEquals": ["A"], "MaxAttempts": 2, "JitterStrategy": "FULL" },
        { "ErrorEquals": ["States.HeartbeatTimeout"], "MaxAttempts": 1 },
    ]);
    let token = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    let states = vec![
        json!({ "Type": "Task", "Resource": token, "Retry": retry, "HeartbeatSeconds": 5, "ResultPath": "$.r" }),
        json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 5 }),
        json!({ "Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "ResultPath": "$.item" }),
        json!({ "Type": "Wait", "Seconds": 3 }),
        json!({ "Type": "Pass", "Parameters": { "u.$": "States.UUID()", "in.$": "$" } }),
        json!({ "Type": "Pass", "Parameters": { "bad.$": "$.nowhere" } }),
        json!({ "Type": "Fail", "Error": "A", "CausePath": "States.UUID()" }),
        json!({ "Type": "Succeed" }),
    ];
    prop::sample::select(states).prop_map(move |state| machine(&name, state)).boxed()
}

/// A machine of this state, followed by another one where possible.
fn machine(name: &str, mut state: Value) -> Value {
    let behind = format!("{name}-end");
    let mut states = json!({});
    if !matches!(state["Type"].as_str(), Some("Fail" | "Succeed")) {
        state["Next"] = behind.clone().into();
        states[&behind] = json!({ "Type": "Pass", "Result": behind, "ResultPath": "$.passed", "End": true });
        if state["Type"] == "Pass" {
            states[&behind].as_object_mut().unwrap().remove("ResultPath");
        }
    }
    states[name] = state;
    json!({ "StartAt": name, "States": states })
}

/// Machines with Parallel and Map states around the leaves, up to this depth.
fn tree(name: String, depth: u32) -> BoxedStrategy<Value> {
    if depth == 0 {
        return leaf(name);
    }
    let below = move |part: usize| tree(format!("{name}{part}"), depth - 1);
    let name = below(0).prop_map(|inner| inner["StartAt"].as_str().unwrap_or_default().to_owned() + "^").boxed();
    let retry =
        prop::sample::select(vec![json!([]), json!([{ "ErrorEquals": ["A", "States.Timeout"], "MaxAttempts": 2 }])]);
    let catch = prop::sample::select(vec![json!([]), json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.e" }])]);
    let parts = (below(1), below(2), below(3), name, retry, catch, 0..3usize, 0..3i64);
    let fork = parts.prop_map(|(one, two, three, name, retry, catch, form, most)| {
        let mut state = match form {
            0 => return one,
            1 => json!({ "Type": "Parallel", "Branches": [one, two, three] }),
            _ => json!({
                "Type": "Map", "ItemProcessor": one, "MaxConcurrency": most, "ItemsPath": "$$.Execution.Input.items",
                "ItemSelector": { "i.$": "$$.Map.Item", "u.$": "States.UUID()" },
            }),
        };
        let name = format!("{name}{form}");
        state["Retry"] = retry;
        let mut catch = catch;
        if let Some(catcher) = catch.get_mut(0) {
            catcher["Next"] = format!("{name}-end").into();
        }
        state["Catch"] = catch;
        state["ResultPath"] = json!("$.forked");
        machine(&name, state)
    });
    fork.boxed()
}

fn pick<T: Copy>(all: &[T], at: usize) -> Option<T> {
    (!all.is_empty()).then(|| all[at % all.len()])
}

fn make(bench: &mut Bench, step: Move) {
    let tasks = bench.execution.open_tasks();
    let timers = bench.execution.open_timers();
    let error = |error: &str| TaskError { error: error.to_owned(), cause: "c".to_owned() };
    let stimulus = match step {
        Move::Succeed(at, output) => {
            pick(&tasks, at).map(|id| Stimulus::TaskAnswered { scheduled_event_id: id, answer: Ok(output) })
        }
        Move::Fail(at, name) => {
            pick(&tasks, at).map(|id| Stimulus::TaskAnswered { scheduled_event_id: id, answer: Err(error(name)) })
        }
        Move::TimeOut(at, heartbeat) => {
            pick(&tasks, at).map(|id| Stimulus::TaskTimedOut { scheduled_event_id: id, heartbeat })
        }
        Move::AnswerCall(at, good) => {
            let answer = if good { Ok(json!({ "Payload": 1 })) } else { Err(error("B")) };
            pick(&tasks, at).map(|id| Stimulus::CallAnswered { scheduled_event_id: id, answer })
        }
        Move::Fire(at) => {
            if let Some(id) = pick(&timers, at) {
                bench.fire(id);
            }
            None
        }
        Move::Stray(id) if !timers.contains(&id) && !tasks.contains(&id) && id != 1 => {
            bench.advance(Stimulus::TimerFired { event_id: id });
            Some(Stimulus::TaskAnswered { scheduled_event_id: id, answer: Ok(json!({})) })
        }
        Move::Stray(_) => None,
    };
    if let Some(stimulus) = stimulus {
        bench.advance(stimulus);
    }
}

fn host() -> ScriptedHost {
    let mut host = ScriptedHost::default();
    for call in 0..50 {
        host = host.answer(
            "invoke",
            if call % 3 == 0 { CallOutcome::Answered(Ok(json!({ "n": call }))) } else { CallOutcome::Pending },
        );
        host = host.draw(call * 977);
    }
    host
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_machine_replays_equally_after_every_step(definition in tree("s".to_owned(), 3), moves in moves()) {
        let input = json!({ "items": [1, 2.5e-7, "three"] });
        let mut bench = Bench::start(&definition, input, host());
        for step in moves {
            make(&mut bench, step);
        }
        let ids: Vec<i64> = bench.host.events.iter().map(|event| event.id).collect();
        prop_assert_eq!(ids, (1..=bench.execution.last_event_id()).collect::<Vec<_>>());
        prop_assert!(bench.host.events.iter().all(|event| event.previous_event_id < event.id));
        prop_assert!(bench.execution.end().is_some() || bench.execution.open_tasks().len() + bench.execution.open_timers().len() > 0);
    }

    #[test]
    fn pauses_do_not_change_the_history(definition in tree("s".to_owned(), 3), moves in moves()) {
        let input = json!({ "items": [1, 2.5e-7, "three"] });
        let mut whole = Bench::start(&definition, input.clone(), host());
        let mut pausing = host();
        pausing.pauses = true;
        let mut paused = Bench::start(&definition, input, pausing);
        for step in moves {
            make(&mut whole, step.clone());
            make(&mut paused, step);
        }
        prop_assert_eq!(&whole.host.events, &paused.host.events);
        prop_assert!(whole.execution == paused.execution);
    }

    #[test]
    fn an_order_replays_equally_after_every_step(moves in moves(), running in 0..25usize) {
        let mut bench = Bench::start(&order::definition(), order::input(), order::shop_host(running));
        for step in moves {
            make(&mut bench, step);
        }
    }

    #[test]
    fn a_stored_event_is_read_unchanged(order in value(), answer in value()) {
        let input = json!({ "detail": { "orderId": order, "userId": 1e300 } });
        let mut bench = Bench::start(&order::definition(), input, order::shop_host(0));
        bench.succeed(17, answer);
        bench.advance(Stimulus::TaskTimedOut { scheduled_event_id: 28, heartbeat: true });
        for event in &bench.host.events {
            let text = serde_json::to_string(event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<HistoryEvent>(&text).unwrap(), event);
        }
    }
}

#[test]
fn a_history_that_does_not_fit_its_definition_is_refused_with_the_event() {
    let mut bench = Bench::start(&order::definition(), order::input(), order::shop_host(1));
    bench.succeed(17, json!({}));
    let replay = |events: Vec<HistoryEvent>| {
        let context = bench.execution.context.clone();
        super::Execution::replay(context, bench.execution.definition.clone(), events)
    };
    let events = bench.host.events.clone();
    let gap: Vec<_> = events.iter().filter(|event| event.id != 9).cloned().collect();
    assert_eq!(replay(gap).unwrap_err().event_id, 10);
    let mut astray = events.clone();
    astray[15].previous_event_id = 3;
    assert_eq!(replay(astray).unwrap_err().event_id, 16);
    assert!(replay(events).is_ok());
}
