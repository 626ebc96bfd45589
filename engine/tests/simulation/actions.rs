//! The random actions of a run, and what the engine acknowledged.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    checks,
    machines::{BUS, TABLE, definition},
    random::Random,
    world::World,
};

/// Actions per run.
const ACTIONS: usize = 70;
/// The number of final clock steps; together they exceed all deadlines.
const FINAL_STEPS: usize = 60;
const FINAL_STEP: Duration = Duration::from_secs(250);
const MACHINES: usize = 3;
const ARN: &str = "arn:aws:states:us-east-1:000000000000";

/// What the engine has acknowledged.
#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    pub(super) definitions: Vec<Value>,
    /// ARN and input of each started execution.
    pub(super) starts: BTreeMap<String, String>,
    /// Tokens whose callback was accepted.
    pub(super) used_tokens: BTreeSet<String>,
    /// Accepted outputs, and causes of failures.
    pub(super) answers: Vec<String>,
    /// Ids of events for the function.
    pub(super) delivered_to_function: Vec<String>,
    /// Ids of events that start a workflow.
    pub(super) started_by_rule: Vec<String>,
    /// The last value written to each item.
    pub(super) items: BTreeMap<String, Option<u64>>,
}

/// A run, determined by its seed.
#[derive(Debug)]
pub(super) struct Run {
    seed: u64,
    crashes: bool,
    restarts: bool,
}

impl Run {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, crashes: false, restarts: false }
    }

    /// The engine crashes while it works, and functions have a duration.
    pub(super) fn with_crashes(self) -> Self {
        Self { crashes: true, ..self }
    }

    /// The engine is restarted when it is idle.
    pub(super) fn with_restarts(self) -> Self {
        Self { restarts: true, ..self }
    }

    /// Runs, checks all invariants, and returns the final state: histories, items, deliveries.
    pub(super) fn run(self) -> String {
        let (random, restart_random) = (Random::new(self.seed), Random::new(self.seed ^ 0x5EED));
        let mut world = World::new(self.seed);
        let mut acknowledged = Acknowledged::default();
        prepare(&world, &random, &mut acknowledged);
        for number in 0..ACTIONS {
            random_action(&world, &random, &mut acknowledged, number, self.crashes);
            if self.crashes && random.chance(1, 6) {
                world.run_rounds(random.below(8));
                world.reopen();
                continue;
            }
            world.run_until_idle();
            if self.restarts && restart_random.chance(1, 4) {
                world.reopen();
                world.run_until_idle();
            }
        }
        {
            let mut functions = world.functions.lock().unwrap();
            (functions.failures, functions.duration_ms) = (0, 0);
        }
        for _ in 0..FINAL_STEPS {
            world.run_until_idle();
            world.advance(FINAL_STEP);
        }
        world.run_until_idle();
        checks::check(&world, &acknowledged)
    }
}

fn prepare(world: &World, random: &Random, acknowledged: &mut Acknowledged) {
    let key = json!([{ "AttributeName": "PK", "KeyType": "HASH" }]);
    let attributes = json!([{ "AttributeName": "PK", "AttributeType": "S" }]);
    let table = json!({
        "TableName": TABLE, "KeySchema": key, "AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST",
    });
    world.call("DynamoDB_20120810.CreateTable", &table).unwrap();
    world.call("AWSEvents.CreateEventBus", &json!({ "Name": BUS })).unwrap();
    for number in 0..MACHINES {
        let definition = definition(random);
        let request = json!({
            "name": format!("m{number}"), "definition": definition.to_string(),
            "roleArn": "arn:aws:iam::000000000000:role/simulation",
        });
        world.call("AWSStepFunctions.CreateStateMachine", &request).unwrap();
        acknowledged.definitions.push(definition);
    }
    let listener = "arn:aws:lambda:us-east-1:000000000000:function:listener";
    for (rule, target) in [
        ("Asked", json!({ "Id": "1", "Arn": listener })),
        ("Told", json!({ "Id": "1", "Arn": listener })),
        (
            "Begin",
            json!({ "Id": "1", "Arn": format!("{ARN}:stateMachine:m0"), "InputPath": "$.detail",
            "RoleArn": "arn:aws:iam::000000000000:role/simulation" }),
        ),
    ] {
        let pattern = json!({ "detail-type": [rule] }).to_string();
        world
            .call("AWSEvents.PutRule", &json!({ "Name": rule, "EventBusName": BUS, "EventPattern": pattern }))
            .unwrap();
        world.call("AWSEvents.PutTargets", &json!({ "Rule": rule, "EventBusName": BUS, "Targets": [target] })).unwrap();
    }
}

fn random_action(world: &World, random: &Random, acknowledged: &mut Acknowledged, number: usize, with_delays: bool) {
    match random.below(100) {
        0..=19 => start(world, random, acknowledged, number),
        20..=51 => send_callback(world, random, acknowledged, number),
        52..=54 => {
            let garbage = json!({ "taskToken": format!("garbage {number}"), "output": "{}" });
            assert_eq!(world.call("AWSStepFunctions.SendTaskSuccess", &garbage).unwrap_err(), "InvalidToken");
        }
        55..=58 => {
            let arns: Vec<&String> = acknowledged.starts.keys().collect();
            if let Some(arn) = random.pick(&arns) {
                world
                    .call("AWSStepFunctions.StopExecution", &json!({ "executionArn": arn, "error": "Stopped" }))
                    .unwrap();
            }
        }
        59..=66 => put(world, random, acknowledged),
        67..=75 => write(world, random, acknowledged, number),
        76..=80 => world.functions.lock().unwrap().failures = random.below(4),
        81..=83 if with_delays => world.functions.lock().unwrap().duration_ms = 1_500 * random.below(3),
        _ => {
            let span = *random.pick(&[1, 900, 1_000, 5_000, 30_000, 90_000, 400_000]).unwrap();
            world.advance(Duration::from_millis(span + random.below(100)));
        }
    }
}

fn start(world: &World, random: &Random, acknowledged: &mut Acknowledged, number: usize) {
    let machine = random.below(MACHINES as u64);
    // Sometimes a name that was used before.
    let name = if random.chance(1, 5) { number / 2 } else { number };
    let items: Vec<u64> = (0..random.below(4)).collect();
    let input = json!({ "n": random.below(10), "items": items }).to_string();
    let request = json!({ "stateMachineArn": format!("{ARN}:stateMachine:m{machine}"), "name": format!("e{name}"), "input": input });
    let arn = format!("{ARN}:execution:m{machine}:e{name}");
    match world.call("AWSStepFunctions.StartExecution", &request) {
        Ok(answer) => {
            assert_eq!(answer["executionArn"], arn);
            let previous = acknowledged.starts.insert(arn, input.clone());
            assert!(
                previous.is_none_or(|previous| previous == input),
                "two executions with different inputs have one name"
            );
        }
        Err(error) => {
            assert_eq!(error, "ExecutionAlreadyExists");
            assert!(acknowledged.starts.contains_key(&arn), "{arn} exists, but was never started");
        }
    }
}

/// The tokens that the listener has received, oldest first.
fn tokens(world: &World) -> Vec<String> {
    let functions = world.functions.lock().unwrap();
    let mut tokens: Vec<String> = Vec::new();
    for token in functions.received.iter().filter_map(|event| event["detail"]["token"].as_str()) {
        if !tokens.iter().any(|known| known == token) {
            tokens.push(token.to_owned());
        }
    }
    tokens
}

/// Sends a callback for a random token: valid or malformed. The token may be open, used or expired.
fn send_callback(world: &World, random: &Random, acknowledged: &mut Acknowledged, number: usize) {
    let tokens = tokens(world);
    // Usually one of the last four, which may still be open.
    let recent = tokens.get(tokens.len().saturating_sub(4)..).unwrap();
    let Some(token) = random.pick(if random.chance(4, 5) { recent } else { &tokens }) else { return };
    let (operation, request, text_in_history) = match random.below(10) {
        0..=4 => {
            let output = json!({ "answer": number }).to_string();
            ("SendTaskSuccess", json!({ "taskToken": token, "output": output }), Some(output))
        }
        5..=6 => {
            let cause = format!("refusal {number}");
            let error = *random.pick(&["Refused", "Other"]).unwrap();
            ("SendTaskFailure", json!({ "taskToken": token, "error": error, "cause": cause }), Some(cause))
        }
        7..=8 => ("SendTaskHeartbeat", json!({ "taskToken": token }), None),
        _ => {
            let bad = json!({ "taskToken": token, "output": "{not json" });
            assert_eq!(world.call("AWSStepFunctions.SendTaskSuccess", &bad).unwrap_err(), "InvalidOutput");
            return;
        }
    };
    match (world.call(&format!("AWSStepFunctions.{operation}"), &request), text_in_history) {
        (Ok(_), Some(text_in_history)) => {
            assert!(acknowledged.used_tokens.insert(token.clone()), "a token was accepted twice");
            acknowledged.answers.push(text_in_history);
        }
        (Ok(_), None) => assert!(!acknowledged.used_tokens.contains(token), "a used token accepted a heartbeat"),
        (Err(error), _) => assert_eq!(error, "TaskTimedOut"),
    }
}

fn put(world: &World, random: &Random, acknowledged: &mut Acknowledged) {
    let kind = *random.pick(&["Told", "Begin"]).unwrap();
    let detail = json!({ "n": random.below(10), "items": [1] }).to_string();
    let entry = json!({ "EventBusName": BUS, "Source": "outside", "DetailType": kind, "Detail": detail });
    let answer = world.call("AWSEvents.PutEvents", &json!({ "Entries": [entry] })).unwrap();
    let id = answer["Entries"][0]["EventId"].as_str().unwrap().to_owned();
    if kind == "Told" { acknowledged.delivered_to_function.push(id) } else { acknowledged.started_by_rule.push(id) }
}

/// Puts an item, puts it only if it does not exist, or deletes it, at random.
fn write(world: &World, random: &Random, acknowledged: &mut Acknowledged, number: usize) {
    let name = format!("item {}", random.below(5));
    let exists = acknowledged.items.get(&name).is_some_and(Option::is_some);
    let put = json!({ "TableName": TABLE, "Item": { "PK": { "S": name }, "v": { "N": number.to_string() } } });
    match random.below(4) {
        0 => {
            world
                .call("DynamoDB_20120810.DeleteItem", &json!({ "TableName": TABLE, "Key": { "PK": { "S": name } } }))
                .unwrap();
            acknowledged.items.insert(name, None);
        }
        1 => {
            let mut only_new = put;
            only_new["ConditionExpression"] = json!("attribute_not_exists(PK)");
            match world.call("DynamoDB_20120810.PutItem", &only_new) {
                Ok(_) => {
                    assert!(!exists, "a conditional put replaced an item");
                    acknowledged.items.insert(name, Some(number as u64));
                }
                Err(error) => assert!(exists && error.ends_with("ConditionalCheckFailedException"), "{error}"),
            }
        }
        _ => {
            world.call("DynamoDB_20120810.PutItem", &put).unwrap();
            acknowledged.items.insert(name, Some(number as u64));
        }
    }
}
