//! Random workflows.

use serde_json::{Value, json};

use super::random::Random;

/// The bus for the events of workflows, with and without tokens.
pub(super) const BUS: &str = "simulation";
/// The table with the counters of the workflows.
pub(super) const TABLE: &str = "counters";

/// A random definition.
pub(super) fn definition(random: &Random) -> Value {
    let mut definition = Generator { random, names: 0 }.machine(2 + u32::try_from(random.below(2)).unwrap());
    if random.chance(1, 3) {
        definition["TimeoutSeconds"] = json!(20 + random.below(500));
    }
    definition
}

struct Generator<'d> {
    random: &'d Random,
    names: u32,
}

impl Generator<'_> {
    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind} {}", self.names)
    }

    /// A sequence of one to three states and a last one, to which the catchers lead.
    fn machine(&mut self, depth: u32) -> Value {
        let last = self.name("Last");
        let mut states = json!({});
        let mut next = last.clone();
        states[&last] = json!({ "Type": "Succeed" });
        for _ in 0..1 + self.random.below(3) {
            let (name, mut state) = self.state(depth, &last);
            if state["Type"] == "Choice" {
                state["Default"] = json!(next);
                let chosen = if self.random.chance(1, 2) {
                    last.clone()
                } else {
                    let fail = self.name("Fail");
                    states[&fail] = json!({ "Type": "Fail", "Error": "Broken", "Cause": "random failure" });
                    fail
                };
                state["Choices"][0]["Next"] = json!(chosen);
            } else {
                state["Next"] = json!(next);
            }
            states[&name] = state;
            next = name;
        }
        json!({ "StartAt": next, "States": states })
    }

    fn state(&mut self, depth: u32, last: &str) -> (String, Value) {
        match self.random.below(if depth == 0 { 8 } else { 12 }) {
            0..=2 => (self.name("Ask"), self.with_error_handling(self.ask(), last)),
            3 => (self.name("Count"), self.count()),
            4 => (self.name("Call"), self.with_error_handling(self.call(), last)),
            5 => (self.name("Wait"), json!({ "Type": "Wait", "Seconds": 1 + self.random.below(90) })),
            6 => {
                let rule = json!({ "Variable": "$.n", "NumericLessThan": self.random.below(10) });
                (self.name("Choose"), json!({ "Type": "Choice", "Choices": [rule] }))
            }
            7 => {
                let parameters = json!({ "n.$": "$.n", "items.$": "$.items", "id.$": "States.UUID()" });
                (self.name("Pass"), json!({ "Type": "Pass", "Parameters": parameters }))
            }
            8 | 9 => {
                let branches: Vec<Value> = (0..2 + self.random.below(2)).map(|_| self.machine(depth - 1)).collect();
                let state = json!({ "Type": "Parallel", "Branches": branches, "ResultPath": "$.parts" });
                (self.name("Split"), self.with_error_handling(state, last))
            }
            _ => {
                let state = json!({
                    "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": self.random.below(3),
                    "ItemSelector": { "n.$": "$$.Map.Item.Value", "items": [] },
                    "ItemProcessor": self.machine(depth - 1), "ResultPath": "$.each",
                });
                (self.name("Each"), self.with_error_handling(state, last))
            }
        }
    }

    /// A task that waits for a callback with its token.
    fn ask(&self) -> Value {
        let detail = json!({ "token.$": "$$.Task.Token", "execution.$": "$$.Execution.Id" });
        let entry = json!({ "EventBusName": BUS, "Source": "workflow", "DetailType": "Asked", "Detail": detail });
        let mut state = json!({
            "Type": "Task", "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken",
            "Parameters": { "Entries": [entry] }, "ResultPath": "$.answer",
        });
        if self.random.chance(2, 3) {
            state["TimeoutSeconds"] = json!(60 + self.random.below(300));
        }
        if self.random.chance(1, 2) {
            state["HeartbeatSeconds"] = json!(10 + self.random.below(40));
        }
        state
    }

    /// A task that increments a number in a table.
    fn count(&self) -> Value {
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem", "ResultPath": "$.count",
            "Parameters": {
                "TableName": TABLE, "Key": { "PK": { "S": "counter" } }, "UpdateExpression": "ADD hits :one",
                "ExpressionAttributeValues": { ":one": { "N": "1" } },
            },
        })
    }

    /// A function call.
    fn call(&self) -> Value {
        let mut state = json!({
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.called",
            "Parameters": { "FunctionName": "helper", "Payload": { "n.$": "$.n" } },
        });
        if self.random.chance(1, 2) {
            state["TimeoutSeconds"] = json!(5 + self.random.below(60));
        }
        state
    }

    /// Adds a retrier and a catcher to a state, each at random.
    fn with_error_handling(&self, mut state: Value, last: &str) -> Value {
        if self.random.chance(1, 2) {
            let error =
                *self.random.pick(&["States.ALL", "States.Timeout", "Refused", "States.HeartbeatTimeout"]).unwrap();
            let jitter = *self.random.pick(&["FULL", "NONE"]).unwrap();
            state["Retry"] = json!([{
                "ErrorEquals": [error], "IntervalSeconds": 1 + self.random.below(9), "JitterStrategy": jitter,
                "MaxAttempts": self.random.below(3), "BackoffRate": 1.5, "MaxDelaySeconds": 20,
            }]);
        }
        if self.random.chance(2, 3) {
            let error = *self.random.pick(&["States.ALL", "States.TaskFailed", "Refused"]).unwrap();
            state["Catch"] = json!([{ "ErrorEquals": [error], "Next": last, "ResultPath": "$.caught" }]);
        }
        state
    }
}
