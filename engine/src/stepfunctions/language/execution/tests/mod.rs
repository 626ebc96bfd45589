//! Tests of whole executions with a host in memory. Every step is checked: replaying the history so far must give an
//! equal execution, with the same open tasks and timers.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Execution, ExecutionContext};
use crate::{
    clock::Timestamp,
    stepfunctions::language::{
        definition::Definition,
        history_event::{EventKind, HistoryEvent},
        host::{ExecutionEnd, Stimulus, TaskError},
        testing::ScriptedHost,
    },
};

mod failures;
mod forks;
mod model;
mod order;
mod processing;
mod recorded;
mod replay;
mod tasks;
mod waits;

/// An execution under test, and its host.
struct Bench {
    execution: Execution,
    host: ScriptedHost,
}

fn context(input: Value) -> ExecutionContext {
    ExecutionContext {
        execution_arn: "arn:aws:states:eu-central-1:000000000000:execution:machine:run".to_owned(),
        execution_name: "run".to_owned(),
        role_arn: "arn:aws:iam::000000000000:role/doppio".to_owned(),
        state_machine_arn: "arn:aws:states:eu-central-1:000000000000:stateMachine:machine".to_owned(),
        state_machine_name: "machine".to_owned(),
        started_at: Timestamp(1_000),
        input,
        region: "eu-central-1".to_owned(),
        account: "000000000000".to_owned(),
    }
}

impl Bench {
    fn new(definition: &Value, input: Value, mut host: ScriptedHost) -> Self {
        host.now = 1_000;
        let definition = Definition::parse(&definition.to_string()).unwrap();
        Self { execution: Execution::new(context(input), Arc::new(definition)), host }
    }

    /// Starts an execution.
    fn start(definition: &Value, input: Value, host: ScriptedHost) -> Self {
        let mut bench = Self::new(definition, input, host);
        bench.advance(Stimulus::Start);
        bench
    }

    /// Starts an execution of a machine with one state.
    fn one(state: Value, input: Value, host: ScriptedHost) -> Self {
        Self::start(&json!({ "StartAt": "X", "States": { "X": state } }), input, host)
    }

    /// Advances the execution until it waits, over all pauses.
    fn advance(&mut self, stimulus: Stimulus) {
        self.step(stimulus);
        while !self.host.queue.is_empty() {
            self.step(Stimulus::Resume);
        }
    }

    fn step(&mut self, stimulus: Stimulus) {
        self.execution.advance(stimulus, &mut self.host).unwrap();
        let stored: Vec<String> = self.host.events.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
        let read = stored.iter().map(|text| serde_json::from_str::<HistoryEvent>(text).unwrap());
        let replayed = Execution::replay(self.execution.context.clone(), Arc::clone(&self.execution.definition), read);
        match replayed {
            Ok(mut replayed) => {
                replayed.end_replay(self.host.queue.values().cloned());
                assert!(replayed == self.execution, "replay differs: {}", self.outline());
            }
            Err(error) => panic!("{error}: {}", self.outline()),
        }
        let open: Vec<i64> = self.host.tasks.keys().copied().collect();
        let mut found = self.execution.open_tasks();
        found.sort_unstable();
        assert_eq!(found, open, "open tasks");
        let timers: Vec<i64> = self.host.timers.keys().copied().filter(|id| *id != 1).collect();
        let mut found = self.execution.open_timers();
        found.sort_unstable();
        assert_eq!(found, timers, "open timers");
        assert_eq!(self.execution.end(), self.host.end.as_ref());
    }

    fn outline(&self) -> String {
        self.host.outline().join("\n")
    }

    fn succeed(&mut self, scheduled_event_id: i64, output: Value) {
        self.advance(Stimulus::TaskAnswered { scheduled_event_id, answer: Ok(output) });
    }

    fn fail(&mut self, scheduled_event_id: i64, error: &str, cause: &str) {
        self.advance(Stimulus::TaskAnswered { scheduled_event_id, answer: Err(task_error(error, cause)) });
    }

    /// Advances the clock to the timer and fires it.
    fn fire(&mut self, event_id: i64) -> Timestamp {
        let due = self.host.timers.remove(&event_id).unwrap();
        self.host.now = due.millis();
        self.advance(Stimulus::TimerFired { event_id });
        due
    }

    fn output(&self) -> &Value {
        match self.host.end.as_ref() {
            Some(ExecutionEnd::Succeeded(output)) => output,
            other => panic!("the execution has not succeeded: {other:?}\n{:#?}", self.host.outline()),
        }
    }

    fn failure(&self) -> &TaskError {
        match self.host.end.as_ref() {
            Some(ExecutionEnd::Failed(error)) => error,
            other => panic!("the execution has not failed: {other:?}\n{:#?}", self.host.outline()),
        }
    }

    fn event(&self, id: i64) -> &EventKind {
        &self.host.events[usize::try_from(id).unwrap() - 1].kind
    }
}

fn task_error(error: &str, cause: &str) -> TaskError {
    TaskError { error: error.to_owned(), cause: cause.to_owned() }
}
