//! The invariants at the end of every run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde_json::{Value, json};

use super::{actions::Acknowledged, machines::TABLE, world::World};

/// An execution, as the API describes it.
struct ExecutionView {
    description: Value,
    events: Vec<Value>,
}

/// Checks all invariants; returns the final state as text.
pub(super) fn check(world: &World, acknowledged: &Acknowledged) -> String {
    let executions = executions(world, acknowledged);
    for (arn, execution) in &executions {
        let machine = arn.split(':').nth(6).and_then(|name| name.strip_prefix('m')).unwrap();
        let definition = &acknowledged.definitions[machine.parse::<usize>().unwrap()];
        check_event_ids(arn, &execution.events);
        check_deadlines(arn, &execution.events, definition);
        check_end(arn, execution);
    }
    check_acknowledged(acknowledged, &executions);
    check_deliveries(world, acknowledged, &executions);
    check_items(world, acknowledged, &executions);
    let mut state = String::new();
    for (arn, execution) in &executions {
        writeln!(state, "{arn} {}", execution.description).unwrap();
        execution.events.iter().for_each(|event| writeln!(state, "{event}").unwrap());
    }
    writeln!(state, "{}", world.call("DynamoDB_20120810.Scan", &json!({ "TableName": TABLE })).unwrap()).unwrap();
    world.functions.lock().unwrap().received.iter().for_each(|event| writeln!(state, "{event}").unwrap());
    writeln!(state, "{:?} {}", world.dead_letters(), world.now()).unwrap();
    state
}

fn executions(world: &World, acknowledged: &Acknowledged) -> BTreeMap<String, ExecutionView> {
    let mut found = BTreeMap::new();
    for machine in 0..acknowledged.definitions.len() {
        let arn = format!("arn:aws:states:us-east-1:000000000000:stateMachine:m{machine}");
        let listed = all(world, "ListExecutions", &json!({ "stateMachineArn": arn, "maxResults": 7 }), "executions");
        for execution in listed {
            let arn = execution["executionArn"].as_str().unwrap().to_owned();
            let request = json!({ "executionArn": arn });
            let description = world.call("AWSStepFunctions.DescribeExecution", &request).unwrap();
            let events = all(world, "GetExecutionHistory", &json!({ "executionArn": arn, "maxResults": 11 }), "events");
            assert!(found.insert(arn, ExecutionView { description, events }).is_none(), "an execution is listed twice");
        }
    }
    found
}

/// All pages of a list.
fn all(world: &World, operation: &str, request: &Value, member: &str) -> Vec<Value> {
    let (mut items, mut request) = (Vec::new(), request.clone());
    loop {
        let mut page = world.call(&format!("AWSStepFunctions.{operation}"), &request).unwrap();
        items.extend(page[member].as_array().unwrap().iter().cloned());
        match page["nextToken"].take() {
            Value::Null => return items,
            token => request["nextToken"] = token,
        }
    }
}

fn kind(event: &Value) -> &str {
    event["type"].as_str().unwrap()
}

fn millis(event: &Value) -> i64 {
    (event["timestamp"].as_f64().unwrap() * 1000.0).round() as i64
}

/// The event with the previous event id of this one.
fn previous<'e>(events: &'e [Value], event: &Value) -> Option<&'e Value> {
    events.get(usize::try_from(event["previousEventId"].as_i64().unwrap() - 1).ok()?)
}

fn check_event_ids(arn: &str, events: &[Value]) {
    for (event, id) in events.iter().zip(1..) {
        assert_eq!(event["id"], id, "{arn}");
        let previous = event["previousEventId"].as_i64().unwrap();
        assert!((0..id).contains(&previous), "{arn}: event {id} follows {previous}");
        assert_eq!(
            previous == 0,
            id == 1 || has_no_previous_event(event) || id == 2,
            "{arn}: event {id} follows {previous}"
        );
    }
    assert!(events.windows(2).all(|pair| millis(&pair[0]) <= millis(&pair[1])), "{arn}: time runs backwards");
}

fn has_no_previous_event(event: &Value) -> bool {
    matches!(kind(event), "ExecutionAborted" | "ExecutionTimedOut")
}

/// The state with this name, at any depth.
fn state_of<'d>(machine: &'d Value, name: &str) -> Option<&'d Value> {
    let states = machine["States"].as_object()?;
    states.get(name).or_else(|| {
        states.values().find_map(|state| {
            let branches = state["Branches"].as_array().into_iter().flatten();
            branches.chain(state.get("ItemProcessor")).find_map(|machine| state_of(machine, name))
        })
    })
}

/// Waits, time-outs and retries do not end early.
fn check_deadlines(arn: &str, events: &[Value], definition: &Value) {
    for event in events {
        let elapsed_since = |earlier: &Value| millis(event) - millis(earlier);
        match kind(event) {
            "WaitStateExited" => {
                let entered = previous(events, event).unwrap();
                let name = entered["stateEnteredEventDetails"]["name"].as_str().unwrap();
                let seconds = state_of(definition, name).unwrap()["Seconds"].as_i64().unwrap();
                assert!(elapsed_since(entered) >= seconds * 1000, "{arn}: {name} was left early");
            }
            "TaskTimedOut" => {
                let mut scheduled = previous(events, event).unwrap();
                while kind(scheduled) != "TaskScheduled" {
                    scheduled = previous(events, scheduled).unwrap();
                }
                let details = &scheduled["taskScheduledEventDetails"];
                let limits = ["timeoutInSeconds", "heartbeatInSeconds"].map(|limit| details[limit].as_i64());
                let shortest = limits.into_iter().flatten().min().expect("a task without a limit has timed out");
                assert!(elapsed_since(scheduled) >= shortest * 1000, "{arn}: a task timed out early: {event}");
            }
            "ExecutionTimedOut" => {
                let seconds = definition["TimeoutSeconds"].as_i64().unwrap();
                assert!(elapsed_since(&events[0]) >= seconds * 1000, "{arn} timed out early");
            }
            "TaskScheduled" => {
                let failed = previous(events, event).unwrap();
                if !matches!(kind(failed), "TaskFailed" | "TaskTimedOut") {
                    continue;
                }
                let mut entered = failed;
                while kind(entered) != "TaskStateEntered" {
                    entered = previous(events, entered).unwrap();
                }
                let name = entered["stateEnteredEventDetails"]["name"].as_str().unwrap();
                let retrier = &state_of(definition, name).unwrap()["Retry"][0];
                if retrier["JitterStrategy"] == "NONE" {
                    let pause = retrier["IntervalSeconds"].as_i64().unwrap() * 1000;
                    assert!(elapsed_since(failed) >= pause, "{arn}: {name} was tried again early");
                }
            }
            _ => {}
        }
    }
}

/// An execution has ended properly, or waits for a task without a deadline.
fn check_end(arn: &str, execution: &ExecutionView) {
    let ExecutionView { description, events } = execution;
    let last = events.last().unwrap();
    let (ended, member) = match description["status"].as_str().unwrap() {
        "SUCCEEDED" => ("ExecutionSucceeded", Some("output")),
        "FAILED" => ("ExecutionFailed", Some("error")),
        "ABORTED" => ("ExecutionAborted", Some("error")),
        "TIMED_OUT" => ("ExecutionTimedOut", None),
        "RUNNING" => {
            let followed: BTreeSet<i64> =
                events.iter().map(|event| event["previousEventId"].as_i64().unwrap()).collect();
            let waits = events.iter().any(|event| {
                let details =
                    previous(events, event).and_then(|e| previous(events, e)).map(|e| &e["taskScheduledEventDetails"]);
                kind(event) == "TaskSubmitted"
                    && !followed.contains(&event["id"].as_i64().unwrap())
                    && details.is_some_and(|details| {
                        details["timeoutInSeconds"].is_null() && details["heartbeatInSeconds"].is_null()
                    })
            });
            assert!(waits, "{arn} runs, but does not wait for a task without a deadline: {last}");
            return;
        }
        other => panic!("{arn} is {other}"),
    };
    assert_eq!(kind(last), ended, "{arn}");
    assert!(member.is_none_or(|member| description[member].is_string()), "{arn} has no reason: {description}");
    assert_eq!(events.iter().filter(|event| kind(event).starts_with("Execution")).count(), 2, "{arn} has ended twice");
}

/// Each acknowledged request is in the history of its execution.
fn check_acknowledged(acknowledged: &Acknowledged, executions: &BTreeMap<String, ExecutionView>) {
    for (arn, input) in &acknowledged.starts {
        let execution = executions.get(arn).unwrap_or_else(|| panic!("{arn} is lost"));
        assert_eq!(execution.description["input"], *input, "{arn}");
    }
    let mut answers: BTreeMap<&str, usize> = BTreeMap::new();
    for event in executions.values().flat_map(|execution| &execution.events) {
        let details = (&event["taskSucceededEventDetails"]["output"], &event["taskFailedEventDetails"]["cause"]);
        for text in [details.0, details.1].into_iter().filter_map(Value::as_str) {
            *answers.entry(text).or_default() += 1;
        }
    }
    for answer in &acknowledged.answers {
        assert_eq!(answers.get(answer.as_str()), Some(&1), "the answer {answer} must be in one history once");
    }
}

/// Every event was delivered or is a dead letter; exactly one workflow was started for each.
fn check_deliveries(world: &World, acknowledged: &Acknowledged, executions: &BTreeMap<String, ExecutionView>) {
    let dead = world.dead_letters();
    let functions = world.functions.lock().unwrap();
    let received: BTreeSet<&str> = functions.received.iter().filter_map(|event| event["id"].as_str()).collect();
    for id in &acknowledged.delivered_to_function {
        assert!(received.contains(id.as_str()) || dead.contains(id), "event {id} is lost");
    }
    for id in &acknowledged.started_by_rule {
        let count = executions.keys().filter(|arn| arn.contains(&format!(":{id}_"))).count();
        assert_eq!(count, 1, "event {id} started {count} executions");
    }
    let all = acknowledged.starts.len() + acknowledged.started_by_rule.len();
    assert_eq!(executions.len(), all, "some executions were never started");
}

/// The tables contain the last written values; the workflows have counted each of their tasks once.
fn check_items(world: &World, acknowledged: &Acknowledged, executions: &BTreeMap<String, ExecutionView>) {
    let get = |name: &str| {
        let key = json!({ "TableName": TABLE, "Key": { "PK": { "S": name } } });
        world.call("DynamoDB_20120810.GetItem", &key).unwrap()["Item"].take()
    };
    for (name, value) in &acknowledged.items {
        let expected = value.map(|value| json!(value.to_string()));
        assert_eq!(get(name)["v"]["N"], expected.unwrap_or_default(), "{name}");
    }
    let counts = executions.values().flat_map(|execution| &execution.events).filter(|event| {
        kind(event) == "TaskSucceeded" && event["taskSucceededEventDetails"]["resource"] == "updateItem"
    });
    let hits = get("counter")["hits"]["N"].as_str().map_or(0, |hits| hits.parse().unwrap());
    assert_eq!(hits, counts.count(), "the counter and the histories disagree");
}
