//! Compares histories recorded from AWS with those of the engine for the same definition and input.
//!
//! The recordings are not part of this project: `RECORDINGS` is the folder `tests/aws/services/stepfunctions` of a clone of
//! LocalStack. Its `*.snapshot.json` files were recorded from AWS, and its `*.json5` files are the definitions. The answers
//! of tasks and the order of timers are taken from the recording; everything else is compared. The command is in
//! `docs/conformance/step-functions.md`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

mod compare;
mod relaxed;
mod rerun;

use compare::difference;
use rerun::rerun;

/// Recordings that cannot be reproduced, by the beginning of their name, with the reason.
const KNOWN: [(&str, &str); 17] = [
    ("test_activity_", "activities are refused; a definition without the ARN of one looks like one of a function"),
    ("test_comments_as_per_docs", "the test puts another function in the place of the one in the definition"),
    ("test_start_large_input", "the definition is made in the test"),
    ("test_state_pass_result_jsonpaths", "the definition is made in the test"),
    ("test_sfn_start_execution_implicit", "the test puts the ARN of the other machine in"),
    ("test_wait_timestamp", "the recording has a mark in the place of the time that decides"),
    ("test_timestamp_too_far", "the recording has a mark in the place of the time that decides"),
    ("test_service_lambda_map_timeout", "the order among iterations that run at the same time is ours"),
    ("test_lambda_service_invoke_with_retry_extended_input", "the test puts the function in"),
    ("test_heartbeat_no_timeout", "the test takes a field out of the definition"),
    ("test_multiple_executions_and_heartbeat", "the test sets the heartbeat of the definition"),
    ("test_sqs_wait_for_task_tok_with_heartbeat", "the test sets the heartbeat of the definition"),
    ("test_sqs_failure_in_wait_for_task_tok", "the test changes the definition"),
    ("test_parallel_state", "recorded without ids and then put in another order"),
    ("test_publish_message_attributes", "the test changes the definition"),
    ("test_invoke_with_headers", "the parameters of a service that is not ours are checked before the task"),
    ("test_lambda_invoke_with_retry_extended_input", "recorded before the context object had RedriveCount"),
];

/// The result for one recording.
enum Verdict {
    Same,
    /// The engine refuses a matching definition, and no other definition gives the history.
    Refused,
    /// No matching definition was found: the recorded test generated it.
    Unknown,
    Differs(String),
}

#[test]
#[ignore = "needs recordings of AWS: set RECORDINGS to their folder"]
fn recorded_histories_are_reproduced() {
    let root = PathBuf::from(std::env::var_os("RECORDINGS").expect("RECORDINGS must name the folder"));
    let definitions: Vec<Value> =
        files(&root.join("templates"), "json5").iter().filter_map(|path| relaxed::read(path)).collect();
    let (mut counts, mut faults) = (BTreeMap::<&str, usize>::new(), Vec::new());
    for path in files(&root.join("v2"), "snapshot.json") {
        let text = std::fs::read_to_string(&path).unwrap();
        let Value::Object(tests) = serde_json::from_str(&text).unwrap() else { continue };
        for (test, recording) in &tests {
            let name = test.rsplit("::").next().unwrap_or(test);
            for events in histories(&recording["recorded-content"]) {
                let verdict = verdict_of(&with_path(&definitions, name), events);
                let known = KNOWN.iter().any(|(start, _)| name.starts_with(start));
                let kind = match verdict {
                    Verdict::Same => "the same",
                    Verdict::Refused => "of a refused definition",
                    Verdict::Unknown => "of a definition that was not found",
                    Verdict::Differs(_) if known => "different for a known reason",
                    Verdict::Differs(how) => {
                        faults.push(format!("{name}: {how}"));
                        "different"
                    }
                };
                *counts.entry(kind).or_default() += 1;
            }
        }
    }
    println!("{counts:#?}");
    assert!(counts.get("the same").is_some_and(|count| *count >= 390), "fewer recordings are the same than before");
    assert!(faults.is_empty(), "{} differences:\n{}", faults.len(), faults.join("\n"));
}

/// A test of paths inserts the path in its brackets into the definition.
fn with_path(definitions: &[Value], test: &str) -> Vec<Value> {
    let path = test.split_once('[').and_then(|(_, path)| path.strip_suffix(']')).filter(|path| path.starts_with('$'));
    let mut definitions = definitions.to_vec();
    for definition in &mut definitions {
        if let (Some(path), Some(item)) = (path, definition.pointer_mut("/States/EntryState/Parameters/item.$")) {
            *item = path.into();
        }
    }
    definitions
}

fn verdict_of(definitions: &[Value], events: &[Value]) -> Verdict {
    let entered: Vec<&str> =
        events.iter().filter_map(|event| event["stateEnteredEventDetails"]["name"].as_str()).collect();
    let fits = |definition: &&Value| {
        let mut names = Vec::new();
        state_names(definition, &mut names);
        entered.first().is_none_or(|first| definition["StartAt"] == *first)
            && entered.iter().all(|name| names.contains(name))
    };
    let (mut refused, mut verdict) = (false, Verdict::Unknown);
    for definition in definitions.iter().filter(fits) {
        match rerun(definition, events) {
            Err(_) => refused = true,
            Ok(ours) => match difference(&ours, events) {
                None => return Verdict::Same,
                Some((at, how)) => match &verdict {
                    // Of several definitions, the one that agrees longest is the recorded one.
                    Verdict::Differs(other) if !is_further(at, other) => {}
                    _ => verdict = Verdict::Differs(format!("event {at}: {how}")),
                },
            },
        }
    }
    if refused { Verdict::Refused } else { verdict }
}

fn is_further(at: usize, other: &str) -> bool {
    let number = other.trim_start_matches("event ").split(':').next().and_then(|number| number.parse().ok());
    number.is_none_or(|number: usize| at > number)
}

/// The histories anywhere in a recording.
fn histories(content: &Value) -> Vec<&[Value]> {
    match content {
        Value::Object(members) => match members.get("events").and_then(Value::as_array) {
            Some(events) if events.first().is_some_and(|event| event["type"] == "ExecutionStarted") => vec![events],
            _ => members.values().flat_map(histories).collect(),
        },
        Value::Array(items) => items.iter().flat_map(histories).collect(),
        _ => Vec::new(),
    }
}

fn state_names<'v>(value: &'v Value, names: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if let ("States", Value::Object(states)) = (name.as_str(), value) {
                    names.extend(states.keys().map(String::as_str));
                }
                state_names(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| state_names(item, names)),
        _ => {}
    }
}

/// The files below a folder whose names end with `end`.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
    found
}
