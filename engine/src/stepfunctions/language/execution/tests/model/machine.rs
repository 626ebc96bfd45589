//! Random machines, and their definitions.

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Value, json};

/// A sequence of states. A Pass state follows, which catchers and choices may lead to.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) steps: Vec<Step>,
    pub(super) number: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) number: usize,
    pub(super) kind: Kind,
    pub(super) retry: Vec<Retrier>,
    pub(super) catch: Vec<&'static str>,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// Sets `$.p` to a number.
    Pass(i64),
    /// Seconds.
    Wait(u64),
    /// Goes elsewhere if `$.n` is below the number.
    Choose(i64, Elsewhere),
    Task(Task),
    Parallel(Vec<Machine>),
    /// Over the items of the execution's input, with this concurrency.
    Map(usize, Machine),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elsewhere {
    Last,
    Succeed,
    Fail(&'static str),
}

/// A task that is answered by its token.
#[derive(Debug, Clone)]
pub(super) struct Task {
    /// The behaviour of each attempt; further attempts behave like the last one.
    pub(super) acts: Vec<Act>,
    pub(super) timeout: Option<u64>,
    pub(super) heartbeat: Option<u64>,
    /// Whether the answer replaces the input, or is put at `$.r`.
    pub(super) replaces: bool,
}

/// The behaviour of whoever holds the token; times in milliseconds from the start of the task.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub(super) beats: Vec<u64>,
    pub(super) answer: Option<Answer>,
}

/// The time, and a number or an error.
pub(super) type Answer = (u64, Result<i64, &'static str>);

#[derive(Debug, Clone)]
pub(super) struct Retrier {
    pub(super) error: &'static str,
    pub(super) interval: u64,
    pub(super) attempts: usize,
    pub(super) backoff: u64,
    pub(super) longest: Option<u64>,
}

const ERRORS: [&str; 6] = ["A", "B", "States.TaskFailed", "States.Timeout", "States.HeartbeatTimeout", "States.ALL"];

pub(super) fn machines() -> impl Strategy<Value = Machine> {
    machine(2).prop_map(|mut machine| {
        machine.number_states(&mut 0);
        machine
    })
}

fn machine(depth: u32) -> BoxedStrategy<Machine> {
    prop::collection::vec(step(depth), 1..4).prop_map(|steps| Machine { steps, number: 0 }).boxed()
}

fn step(depth: u32) -> BoxedStrategy<Step> {
    let elsewhere =
        prop::sample::select(vec![Elsewhere::Last, Elsewhere::Succeed, Elsewhere::Fail("A"), Elsewhere::Fail("C")]);
    let simple = prop_oneof![
        (0..9i64).prop_map(Kind::Pass),
        (1..20u64).prop_map(Kind::Wait),
        (0..7i64, elsewhere).prop_map(|(below, elsewhere)| Kind::Choose(below, elsewhere)),
        task().prop_map(Kind::Task),
        task().prop_map(Kind::Task),
    ];
    let kind = if depth == 0 {
        simple.boxed()
    } else {
        prop_oneof![
            3 => simple,
            1 => prop::collection::vec(machine(depth - 1), 1..4).prop_map(Kind::Parallel),
            1 => (0..3usize, machine(depth - 1)).prop_map(|(most, machine)| Kind::Map(most, machine)),
        ]
        .boxed()
    };
    let error = || prop::sample::select(ERRORS.to_vec());
    let retrier = (error(), 1..5u64, 0..3usize, 1..4u64, prop::option::of(5..9u64)).prop_map(
        |(error, interval, attempts, backoff, longest)| Retrier { error, interval, attempts, backoff, longest },
    );
    let (retry, catch) = (prop::collection::vec(retrier, 0..3), prop::collection::vec(error(), 0..3));
    (kind, retry, catch)
        .prop_map(|(kind, mut retry, mut catch)| {
            // No retrier may follow one that matches everything.
            if let Some(all) = retry.iter().position(|retrier| retrier.error == "States.ALL") {
                retry.truncate(all + 1);
            }
            if let Some(all) = catch.iter().position(|error| *error == "States.ALL") {
                catch.truncate(all + 1);
            }
            Step { number: 0, kind, retry, catch }
        })
        .boxed()
}

fn task() -> impl Strategy<Value = Task> {
    let answer = prop_oneof![
        3 => (0..9i64).prop_map(Ok),
        2 => prop::sample::select(vec!["A", "B"]).prop_map(Err),
    ];
    let act = (prop::collection::vec(0..9_000u64, 0..3), prop::option::weighted(0.8, (0..30_000u64, answer)));
    let limits = (prop::option::of(12..25u64), prop::option::of(2..11u64));
    (prop::collection::vec(act, 1..4), limits, any::<bool>()).prop_map(|(acts, (timeout, heartbeat), replaces)| {
        let has_limit = timeout.is_some() || heartbeat.is_some();
        let act = |(mut gaps, answer): (Vec<u64>, Option<Answer>)| {
            let mut sum = 0;
            for gap in &mut gaps {
                sum += *gap + 1;
                *gap = sum;
            }
            // Every task ends, so none of these machines waits forever.
            let answer = if has_limit { answer } else { Some(answer.unwrap_or((1_000, Ok(1)))) };
            Act { beats: gaps, answer }
        };
        Task { acts: acts.into_iter().map(act).collect(), timeout, heartbeat, replaces }
    })
}

impl Machine {
    /// Gives each state a unique number, for its name.
    fn number_states(&mut self, next: &mut usize) {
        for step in &mut self.steps {
            step.number = *next;
            *next += 1;
            match &mut step.kind {
                Kind::Parallel(branches) => branches.iter_mut().for_each(|branch| branch.number_states(next)),
                Kind::Map(_, machine) => machine.number_states(next),
                _ => {}
            }
        }
        self.number = *next;
        *next += 1;
    }

    pub(super) fn last(&self) -> String {
        format!("Last {}", self.number)
    }

    fn start(&self) -> String {
        self.steps.first().map_or_else(|| self.last(), Step::name)
    }

    /// The task of this name, at any depth.
    pub(super) fn task(&self, name: &str) -> Option<&Task> {
        self.steps.iter().find_map(|step| match &step.kind {
            Kind::Task(task) if step.name() == name => Some(task),
            Kind::Parallel(branches) => branches.iter().find_map(|branch| branch.task(name)),
            Kind::Map(_, machine) => machine.task(name),
            _ => None,
        })
    }

    /// The branch that each first state belongs to.
    pub(super) fn starts(&self) -> HashMap<String, usize> {
        let mut starts = HashMap::new();
        for step in &self.steps {
            match &step.kind {
                Kind::Parallel(branches) => {
                    for (slot, branch) in branches.iter().enumerate() {
                        starts.insert(branch.start(), slot);
                        starts.extend(branch.starts());
                    }
                }
                Kind::Map(_, machine) => starts.extend(machine.starts()),
                _ => {}
            }
        }
        starts
    }

    pub(super) fn definition(&self, timeout: Option<u64>) -> Value {
        let mut definition = self.to_json();
        if let Some(timeout) = timeout {
            definition["TimeoutSeconds"] = json!(timeout);
        }
        definition
    }

    fn to_json(&self) -> Value {
        let mut states = json!({});
        states[self.last()] = json!({ "Type": "Pass", "End": true });
        let next: Vec<String> = self.steps.iter().skip(1).map(Step::name).chain([self.last()]).collect();
        for (step, next) in self.steps.iter().zip(next) {
            let mut state = step.to_json(&mut states, &self.last());
            let way = if state["Type"] == "Choice" { "Default" } else { "Next" };
            state[way] = json!(next);
            states[step.name()] = state;
        }
        json!({ "StartAt": self.start(), "States": states })
    }
}

impl Step {
    pub(super) fn name(&self) -> String {
        format!("State {}", self.number)
    }

    fn to_json(&self, states: &mut Value, last: &str) -> Value {
        let mut state = match &self.kind {
            Kind::Pass(number) => return json!({ "Type": "Pass", "Result": number, "ResultPath": "$.p" }),
            Kind::Wait(seconds) => return json!({ "Type": "Wait", "Seconds": seconds }),
            Kind::Choose(below, elsewhere) => {
                let target = match elsewhere {
                    Elsewhere::Last => last.to_owned(),
                    Elsewhere::Succeed => {
                        let name = format!("Succeed {}", self.number);
                        states[&name] = json!({ "Type": "Succeed" });
                        name
                    }
                    Elsewhere::Fail(error) => {
                        let name = format!("Fail {}", self.number);
                        states[&name] = json!({ "Type": "Fail", "Error": error, "Cause": "random failure" });
                        name
                    }
                };
                let rule = json!({ "Variable": "$.n", "NumericLessThan": below, "Next": target });
                return json!({ "Type": "Choice", "Choices": [rule] });
            }
            Kind::Task(task) => {
                let mut state = json!({
                    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                    "Parameters": { "FunctionName": "f", "Payload": { "token.$": "$$.Task.Token" } },
                });
                if !task.replaces {
                    state["ResultPath"] = json!("$.r");
                }
                for (field, seconds) in [("TimeoutSeconds", task.timeout), ("HeartbeatSeconds", task.heartbeat)] {
                    if let Some(seconds) = seconds {
                        state[field] = json!(seconds);
                    }
                }
                state
            }
            Kind::Parallel(branches) => {
                let branches: Vec<Value> = branches.iter().map(Machine::to_json).collect();
                json!({ "Type": "Parallel", "Branches": branches, "ResultPath": "$.parts" })
            }
            Kind::Map(most, machine) => json!({
                "Type": "Map", "ItemsPath": "$$.Execution.Input.items", "MaxConcurrency": most,
                "ItemSelector": { "n.$": "$$.Map.Item.Value" }, "ItemProcessor": machine.to_json(),
                "ResultPath": "$.each",
            }),
        };
        let retry: Vec<Value> = self.retry.iter().map(Retrier::to_json).collect();
        let catch = |error| json!({ "ErrorEquals": [error], "Next": last, "ResultPath": "$.caught" });
        state["Retry"] = json!(retry);
        state["Catch"] = self.catch.iter().map(catch).collect();
        state
    }
}

impl Retrier {
    fn to_json(&self) -> Value {
        let mut retrier = json!({
            "ErrorEquals": [self.error], "IntervalSeconds": self.interval, "MaxAttempts": self.attempts,
            "BackoffRate": self.backoff,
        });
        if let Some(longest) = self.longest {
            retrier["MaxDelaySeconds"] = json!(longest);
        }
        retrier
    }
}
