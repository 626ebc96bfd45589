//! The fuzz targets for definitions, inputs, paths and templates.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Value, json};

use super::{
    choice::Rule,
    data::{Data, LazyContext},
    date_time::DateTime,
    definition::{Definition, invalid_definition_message},
    execution::{Execution, ExecutionContext, MAX_DATA_BYTES},
    history_event::HistoryEvent,
    host::{CallOutcome, Deadlines, ExecutionEnd, Host, QueueChange, ServiceCall, Stimulus, TaskError},
    intrinsic::Call,
    path::Path,
    template::Template,
};
use crate::{
    clock::Timestamp,
    error::ApiError,
    fuzzing::input::{check_that, parts},
};

/// Maximum number of stimuli before an execution is stopped.
const MOVES: usize = 48;
/// Bytes after which the host says that the disk is full.
const DISK_BYTES: usize = 16 << 20;
/// Maximum number of events; an endless loop would only repeat itself.
const DISK_EVENTS: usize = 1_500;

/// Parts: a definition, an input, and the outcomes of calls and tasks, one per line.
pub fn definitions(bytes: &[u8]) {
    let mut parts = parts(bytes);
    let definition = match Definition::parse(parts.next().unwrap_or_default()) {
        Ok(definition) => Arc::new(definition),
        Err(diagnostics) => {
            check_that(!diagnostics.is_empty(), "a definition is refused for a reason");
            check_that(!invalid_definition_message(&diagnostics).is_empty(), "the reason has words");
            return;
        }
    };
    let input = parts.next().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| json!({}));
    let script = parts.next().unwrap_or_default().lines();
    let mut host = BoundedHost::new(script);
    let context = context(input);
    let mut execution = Execution::new(context.clone(), Arc::clone(&definition));
    let mut stimulus = Stimulus::Start;
    for _ in 0..MOVES {
        if let Err(error) = execution.advance(stimulus, &mut host) {
            check_that(host.disk_is_full, format_args!("a step failed though the disk is not full: {error}"));
            return;
        }
        check(&execution, &host);
        if execution.end().is_some() {
            return;
        }
        stimulus = host.next_stimulus();
    }
    let stop = Stimulus::Stop(TaskError { error: String::new(), cause: String::new() });
    if execution.advance(stop, &mut host).is_ok() {
        check_that(execution.end().is_some(), "a stopped execution has ended");
        check(&execution, &host);
    }
}

/// Checks the invariants that hold after every step.
fn check(execution: &Execution, host: &BoundedHost<'_>) {
    let read = host.stored.iter().map(|text| serde_json::from_str::<HistoryEvent>(text));
    let events = match read.collect::<Result<Vec<_>, _>>() {
        Ok(events) => events,
        Err(error) => return check_that(false, format_args!("a stored event cannot be read: {error}")),
    };
    for (event, id) in events.iter().zip(1..) {
        check_that(
            event.id == id && (0..id).contains(&event.previous_event_id),
            format_args!("event {id} is out of order"),
        );
    }
    let replayed = Execution::replay(execution.context().clone(), Arc::clone(execution.definition()), events);
    match replayed {
        Ok(replayed) => {
            check_that(replayed == *execution, "a replay differs from the execution that wrote the history")
        }
        Err(error) => check_that(false, error),
    }
    let is_waiting = !host.tasks.is_empty() || !host.timers.is_empty();
    check_that(execution.end().is_some() || is_waiting, "an execution that has not ended waits for something");
    check_that(execution.end() == host.end.as_ref(), "the host has the end of the execution");
    if execution.end().is_none() {
        check_that(
            execution.open_tasks().into_iter().collect::<BTreeSet<_>>() == host.tasks,
            "the open tasks are the host's",
        );
        let timers: BTreeSet<i64> = host.timers.keys().copied().filter(|event| *event != 1).collect();
        check_that(
            execution.open_timers().into_iter().collect::<BTreeSet<_>>() == timers,
            "the open timers are the host's",
        );
    }
    if let Some(ExecutionEnd::Succeeded(output)) = execution.end() {
        check_that(output.to_string().len() <= MAX_DATA_BYTES, "an output is within the limit");
    }
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

/// Parts: a path, a function call, a template, a choice rule or a time; the data that it is applied to; and, for a
/// reference path, the value that is put there.
pub fn paths(bytes: &[u8]) {
    let mut parts = parts(bytes);
    let text = parts.next().unwrap_or_default();
    let json = |text: Option<&str>| text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let (mut data, put) = (json(parts.next()).unwrap_or_default(), json(parts.next()).unwrap_or_default());
    let mut host = BoundedHost::new("".lines());
    let context: LazyContext<'_> = LazyContext::new(Box::new(|| json!({ "Execution": { "Input": [1, [2]] } })));
    let data_roots = Data { input: &data, context: &context };
    if let Some(time) = DateTime::parse(text) {
        let written = Timestamp(time.millis()).rfc3339_millis();
        let read = DateTime::parse(&written).map(DateTime::millis);
        // An offset may lead out of the years 0000 to 9999.
        let has_four_digits = (-62_167_219_200_000..=253_402_300_799_999).contains(&time.millis());
        check_that(!has_four_digits || read == Some(time.millis()), "a written time is read again");
    }
    if let Ok(call) = Call::parse(text) {
        drop(call.evaluate("field", data_roots, &mut host));
    }
    match json(Some(text)) {
        Some(Value::Object(members)) => {
            if let Ok(rule) = Rule::parse(&members) {
                drop(rule.holds(data_roots));
            }
            if let Ok(template) = Template::parse(&Value::Object(members)) {
                drop(template.evaluate(data_roots, &mut host));
            }
        }
        Some(value) => drop(Template::parse(&value).map(|template| template.evaluate(data_roots, &mut host))),
        None => {}
    }
    let Ok(path) = Path::parse(text) else { return };
    check_that(path.text() == text, "a path keeps its text");
    drop(data_roots.select(&path));
    if path.is_reference() && path.place(&mut data, put.clone()).is_ok() {
        let found = path.select(&data).map(|found| found.into_owned());
        check_that(found == Ok(put), "what was put at a place is found there");
    }
}

/// A host that answers from a script, records what is open, and has little disk space.
struct BoundedHost<'s> {
    script: std::str::Lines<'s>,
    now: i64,
    drawn: u64,
    stored: Vec<String>,
    stored_bytes: usize,
    disk_is_full: bool,
    tasks: BTreeSet<i64>,
    timers: BTreeMap<i64, Timestamp>,
    end: Option<ExecutionEnd>,
}

impl<'s> BoundedHost<'s> {
    fn new(script: std::str::Lines<'s>) -> Self {
        Self {
            script,
            now: 1_000,
            drawn: 0,
            stored: Vec::new(),
            stored_bytes: 0,
            disk_is_full: false,
            tasks: BTreeSet::new(),
            timers: BTreeMap::new(),
            end: None,
        }
    }

    /// The stimulus that the next line of the script causes.
    fn next_stimulus(&mut self) -> Stimulus {
        let line = self.script.next().unwrap_or_default();
        let earliest = self.timers.iter().min_by_key(|(_, due)| **due).map(|(event, due)| (*event, *due));
        match (self.tasks.first().copied(), earliest) {
            (Some(task), earliest) if line != "w" || earliest.is_none() => match line {
                "t" | "h" => self.time_out(task, line == "h"),
                "c" => {
                    self.tasks.remove(&task);
                    Stimulus::CallAnswered { scheduled_event_id: task, answer: Ok(json!({ "Payload": [task] })) }
                }
                "s" => Stimulus::Stop(TaskError { error: "Stopped".to_owned(), cause: line.to_owned() }),
                line => {
                    self.tasks.remove(&task);
                    Stimulus::TaskAnswered { scheduled_event_id: task, answer: answer(line) }
                }
            },
            (_, Some((event_id, due))) => {
                self.timers.remove(&event_id);
                self.now = self.now.max(due.millis());
                Stimulus::TimerFired { event_id }
            }
            _ => Stimulus::Stop(TaskError { error: String::new(), cause: String::new() }),
        }
    }

    fn time_out(&mut self, task: i64, heartbeat: bool) -> Stimulus {
        self.tasks.remove(&task);
        Stimulus::TaskTimedOut { scheduled_event_id: task, heartbeat }
    }
}

fn answer(line: &str) -> Result<Value, TaskError> {
    match line.strip_prefix('!') {
        Some(error) => Err(TaskError { error: error.to_owned(), cause: String::new() }),
        None => Ok(serde_json::from_str(line).unwrap_or_else(|_| json!({}))),
    }
}

impl Host for BoundedHost<'_> {
    fn now(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn new_task_token(&mut self, scheduled_event_id: i64) -> String {
        format!("token-{scheduled_event_id}")
    }

    fn new_uuid(&mut self) -> String {
        format!("uuid-{}", self.random())
    }

    fn random(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.drawn
    }

    fn must_pause(&self) -> bool {
        false
    }

    fn store_queue(&mut self, _: QueueChange) -> Result<(), ApiError> {
        Err(ApiError::internal("nothing was to be left in the queue"))
    }

    fn append(&mut self, event: &HistoryEvent) -> Result<(), ApiError> {
        let text = serde_json::to_string(event).map_err(|error| ApiError::internal(error.to_string()))?;
        self.stored_bytes += text.len();
        if self.stored_bytes > DISK_BYTES || self.stored.len() >= DISK_EVENTS {
            self.disk_is_full = true;
            return Err(ApiError::internal("the disk is full"));
        }
        drop(event.to_wire(true));
        self.stored.push(text);
        Ok(())
    }

    fn call(&mut self, _: ServiceCall<'_>) -> Result<CallOutcome, ApiError> {
        Ok(match self.script.next() {
            None => CallOutcome::Answered(Ok(json!({}))),
            Some("?") => CallOutcome::Pending,
            Some(line) => CallOutcome::Answered(answer(line)),
        })
    }

    fn open_task(&mut self, id: i64, _: Option<&str>, _: Deadlines) -> Result<(), ApiError> {
        check_that(self.tasks.insert(id), "a task is opened once");
        Ok(())
    }

    fn close_task(&mut self, id: i64) -> Result<(), ApiError> {
        self.tasks.remove(&id);
        Ok(())
    }

    fn set_timer(&mut self, event_id: i64, due: Timestamp) -> Result<(), ApiError> {
        check_that(self.timers.insert(event_id, due).is_none(), "a timer is set once");
        Ok(())
    }

    fn cancel_timer(&mut self, event_id: i64) -> Result<(), ApiError> {
        self.timers.remove(&event_id);
        Ok(())
    }

    fn finish(&mut self, end: &ExecutionEnd) -> Result<(), ApiError> {
        check_that(self.end.replace(end.clone()).is_none(), "an execution ends once");
        self.tasks.clear();
        self.timers.clear();
        Ok(())
    }
}
