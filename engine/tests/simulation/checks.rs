//! The invariants at the end of every run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde_json::{Value, json};

use super::{actions::Ledger, machines::TABLE, world::World};

/// An execution, as the API describes it.
struct ExecutionView {
    description: Value,
    events: Vec<Value>,
}

/// Checks all invariants; returns the final state as text.
pub(super) fn check(world: &World, ledger: &Ledger) -> String {
    let executions = executions(world, ledger);
    for (arn, delivered_to_function) in &executions {
        let machine = arn.split(':').nth(6).and_then(|name| name.strip_prefix('m')).unwrap();
        let definition = &ledger.definitions[machine.parse::<usize>().unwrap()];
        check_event_ids(arn, &delivered_to_function.events);
        deadlines(arn, &delivered_to_function.events, definition);
        ending(arn, delivered_to_function);
    }
    check_acknowledged(ledger, &executions);
    deliveries(world, ledger, &executions);
    items(world, ledger, &executions);
    let mut record = String::new();
    for (arn, delivered_to_function) in &executions {
        writeln!(record, "{arn} {}", delivered_to_function.description).unwrap();
        delivered_to_function.events.iter().for_each(|event| writeln!(record, "{event}").unwrap());
    }
    writeln!(record, "{}", world.call("DynamoDB_20120810.Scan", &json!({ "TableName": TABLE })).unwrap()).unwrap();
    world.staff.lock().unwrap().heard.iter().for_each(|heard| writeln!(record, "{heard}").unwrap());
    writeln!(record, "{:?} {}", world.dead_letters(), world.now()).unwrap();
    record
}

fn executions(world: &World, ledger: &Ledger) -> BTreeMap<String, ExecutionView> {
    let mut found = BTreeMap::new();
    for machine in 0..ledger.definitions.len() {
        let arn = format!("arn:aws:states:us-east-1:000000000000:stateMachine:m{machine}");
        let listed = all(world, "ListExecutions", &json!({ "stateMachineArn": arn, "maxResults": 7 }), "executions");
        for execution in listed {
            let arn = execution["executionArn"].as_str().unwrap().to_owned();
            let about = json!({ "executionArn": arn });
            let description = world.call("AWSStepFunctions.DescribeExecution", &about).unwrap();
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
fn before<'e>(events: &'e [Value], event: &Value) -> Option<&'e Value> {
    events.get(usize::try_from(event["previousEventId"].as_i64().unwrap() - 1).ok()?)
}

fn check_event_ids(arn: &str, events: &[Value]) {
    for (event, id) in events.iter().zip(1..) {
        assert_eq!(event["id"], id, "{arn}");
        let previous = event["previousEventId"].as_i64().unwrap();
        assert!((0..id).contains(&previous), "{arn}: event {id} follows {previous}");
        assert_eq!(
            previous == 0,
            id == 1 || is_end_without_cause(event) || id == 2,
            "{arn}: event {id} follows {previous}"
        );
    }
    assert!(events.windows(2).all(|pair| millis(&pair[0]) <= millis(&pair[1])), "{arn}: time runs backwards");
}

fn is_end_without_cause(event: &Value) -> bool {
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

/// Nothing happens before it is due.
fn deadlines(arn: &str, events: &[Value], definition: &Value) {
    for event in events {
        let since = |earlier: &Value| millis(event) - millis(earlier);
        match kind(event) {
            "WaitStateExited" => {
                let entered = before(events, event).unwrap();
                let name = entered["stateEnteredEventDetails"]["name"].as_str().unwrap();
                let seconds = state_of(definition, name).unwrap()["Seconds"].as_i64().unwrap();
                assert!(since(entered) >= seconds * 1000, "{arn}: {name} was left early");
            }
            "TaskTimedOut" => {
                let mut scheduled = before(events, event).unwrap();
                while kind(scheduled) != "TaskScheduled" {
                    scheduled = before(events, scheduled).unwrap();
                }
                let details = &scheduled["taskScheduledEventDetails"];
                let limits = ["timeoutInSeconds", "heartbeatInSeconds"].map(|limit| details[limit].as_i64());
                let shortest = limits.into_iter().flatten().min().expect("a task without a limit has timed out");
                assert!(since(scheduled) >= shortest * 1000, "{arn}: a task timed out early: {event}");
            }
            "ExecutionTimedOut" => {
                let seconds = definition["TimeoutSeconds"].as_i64().unwrap();
                assert!(since(&events[0]) >= seconds * 1000, "{arn} timed out early");
            }
            "TaskScheduled" => {
                let failed = before(events, event).unwrap();
                if !matches!(kind(failed), "TaskFailed" | "TaskTimedOut") {
                    continue;
                }
                let mut entered = failed;
                while kind(entered) != "TaskStateEntered" {
                    entered = before(events, entered).unwrap();
                }
                let name = entered["stateEnteredEventDetails"]["name"].as_str().unwrap();
                let retrier = &state_of(definition, name).unwrap()["Retry"][0];
                if retrier["JitterStrategy"] == "NONE" {
                    let pause = retrier["IntervalSeconds"].as_i64().unwrap() * 1000;
                    assert!(since(failed) >= pause, "{arn}: {name} was tried again early");
                }
            }
            _ => {}
        }
    }
}

/// An execution has ended properly, or waits for a task without a deadline.
fn ending(arn: &str, delivered_to_function: &ExecutionView) {
    let ExecutionView { description, events } = delivered_to_function;
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
                    before(events, event).and_then(|e| before(events, e)).map(|e| &e["taskScheduledEventDetails"]);
                kind(event) == "TaskSubmitted"
                    && !followed.contains(&event["id"].as_i64().unwrap())
                    && details.is_some_and(|details| {
                        details["timeoutInSeconds"].is_null() && details["heartbeatInSeconds"].is_null()
                    })
            });
            assert!(waits, "{arn} runs, but waits for nothing: {last}");
            return;
        }
        other => panic!("{arn} is {other}"),
    };
    assert_eq!(kind(last), ended, "{arn}");
    assert!(member.is_none_or(|member| description[member].is_string()), "{arn} has no reason: {description}");
    assert_eq!(events.iter().filter(|event| kind(event).starts_with("Execution")).count(), 2, "{arn} has ended twice");
}

/// Everything acknowledged is there.
fn check_acknowledged(ledger: &Ledger, executions: &BTreeMap<String, ExecutionView>) {
    for (arn, input) in &ledger.starts {
        let delivered_to_function = executions.get(arn).unwrap_or_else(|| panic!("{arn} is lost"));
        assert_eq!(delivered_to_function.description["input"], *input, "{arn}");
    }
    let mut answers: BTreeMap<&str, usize> = BTreeMap::new();
    for event in executions.values().flat_map(|delivered_to_function| &delivered_to_function.events) {
        let details = (&event["taskSucceededEventDetails"]["output"], &event["taskFailedEventDetails"]["cause"]);
        for text in [details.0, details.1].into_iter().filter_map(Value::as_str) {
            *answers.entry(text).or_default() += 1;
        }
    }
    for answer in &ledger.answers {
        assert_eq!(answers.get(answer.as_str()), Some(&1), "the answer {answer} must be in one history once");
    }
}

/// Every event was delivered or is a dead letter; exactly one workflow was started for each.
fn deliveries(world: &World, ledger: &Ledger, executions: &BTreeMap<String, ExecutionView>) {
    let dead = world.dead_letters();
    let staff = world.staff.lock().unwrap();
    let heard: BTreeSet<&str> = staff.heard.iter().filter_map(|event| event["id"].as_str()).collect();
    for id in &ledger.delivered_to_function {
        assert!(heard.contains(id.as_str()) || dead.contains(id), "event {id} is lost");
    }
    for id in &ledger.started_by_rule {
        let started_by_rule = executions.keys().filter(|arn| arn.contains(&format!(":{id}_"))).count();
        assert_eq!(started_by_rule, 1, "event {id} started {started_by_rule} executions");
    }
    let all = ledger.starts.len() + ledger.started_by_rule.len();
    assert_eq!(executions.len(), all, "some executions were never started");
}

/// The tables contain the last written values; the workflows have counted each of their tasks once.
fn items(world: &World, ledger: &Ledger, executions: &BTreeMap<String, ExecutionView>) {
    let get = |name: &str| {
        let key = json!({ "TableName": TABLE, "Key": { "PK": { "S": name } } });
        world.call("DynamoDB_20120810.GetItem", &key).unwrap()["Item"].take()
    };
    for (name, value) in &ledger.items {
        let expected = value.map(|value| json!(value.to_string()));
        assert_eq!(get(name)["v"]["N"], expected.unwrap_or_default(), "{name}");
    }
    let counts = executions.values().flat_map(|delivered_to_function| &delivered_to_function.events).filter(|event| {
        kind(event) == "TaskSucceeded" && event["taskSucceededEventDetails"]["resource"] == "updateItem"
    });
    let hits = get("counter")["hits"]["N"].as_str().map_or(0, |hits| hits.parse().unwrap());
    assert_eq!(hits, counts.count(), "the counter and the histories disagree");
}
