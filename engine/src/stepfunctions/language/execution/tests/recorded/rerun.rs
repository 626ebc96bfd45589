//! Runs a definition again with the recorded answers.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::super::context;
use crate::{
    clock::Timestamp,
    error::ApiError,
    stepfunctions::language::{
        definition::{Definition, invalid_definition_message},
        execution::Execution,
        history_event::HistoryEvent,
        host::{CallOutcome, Deadlines, ExecutionEnd, Host, Pattern, QueueChange, ServiceCall, Stimulus, TaskError},
    },
};

/// Our history for the definition and the recorded input; the error says why the definition is refused.
pub(super) fn rerun(definition: &Value, recorded: &[Value]) -> Result<Vec<Value>, String> {
    let definition =
        Definition::parse(&definition.to_string()).map_err(|diagnostics| invalid_definition_message(&diagnostics))?;
    let input = decoded(&recorded.first().unwrap_or(&Value::Null)["executionStartedEventDetails"]["input"]);
    let mut host = Recorded { events: recorded, ..Recorded::default() };
    let mut execution = Execution::new(context(input), Arc::new(definition));
    let mut stimulus = Some(Stimulus::Start);
    while let Some(next) = stimulus.take() {
        let before = host.written.len();
        execution.advance(next, &mut host).map_err(|error| error.to_string())?;
        // A stimulus that has no effect means that the histories have diverged already.
        if execution.end().is_none() && host.written.len() > before && host.written.len() <= recorded.len() {
            stimulus = host.next();
        }
    }
    Ok(host.written.iter().map(|event| event.to_wire(true)).collect())
}

/// Recordings contain JSON texts in decoded form.
fn decoded(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        value => value.clone(),
    }
}

#[derive(Default)]
struct Recorded<'r> {
    events: &'r [Value],
    written: Vec<HistoryEvent>,
    tasks: Vec<i64>,
    timers: BTreeMap<i64, Timestamp>,
    now: i64,
    drawn: u64,
}

impl Recorded<'_> {
    fn recorded(&self, id: i64) -> Option<&Value> {
        self.events.get(usize::try_from(id).ok()?.checked_sub(1)?)
    }

    fn kind(event: &Value) -> &str {
        event["type"].as_str().unwrap_or_default()
    }

    /// The event after `id` in its strand.
    fn after(&self, id: i64) -> Option<&Value> {
        self.events.iter().find(|event| event["previousEventId"] == id)
    }

    /// The first event after `scheduled` with an answer.
    fn answer(&self, scheduled: i64) -> Option<&Value> {
        let mut here = self.after(scheduled)?;
        while matches!(Self::kind(here), "TaskStarted" | "LambdaFunctionStarted") {
            here = self.after(here["id"].as_i64()?)?;
        }
        Some(here)
    }

    /// The next stimulus, according to the next recorded event.
    fn next(&mut self) -> Option<Stimulus> {
        let id = i64::try_from(self.written.len()).ok()? + 1;
        let event = self.recorded(id)?.clone();
        let previous = event["previousEventId"].as_i64()?;
        match Self::kind(&event) {
            "ExecutionTimedOut" => return Some(Stimulus::TimerFired { event_id: 1 }),
            "ExecutionAborted" => return Some(Stimulus::Stop(error(&event))),
            kind if kind.ends_with("TimedOut") => {
                let heartbeat = error(&event).error == "States.HeartbeatTimeout";
                return Some(Stimulus::TaskTimedOut { scheduled_event_id: self.scheduled(previous)?, heartbeat });
            }
            kind if kind.starts_with("TaskS") || kind.starts_with("TaskF") || kind.starts_with("LambdaFunction") => {
                if let Some(scheduled_event_id) = self.scheduled(previous).filter(|id| self.tasks.contains(id)) {
                    let answer = result(&event);
                    return Some(Stimulus::TaskAnswered { scheduled_event_id, answer });
                }
            }
            _ => {}
        }
        let event_id =
            if self.timers.contains_key(&previous) { previous } else { *self.timers.keys().find(|id| **id > 1)? };
        self.now = self.timers.remove(&event_id)?.millis();
        Some(Stimulus::TimerFired { event_id })
    }

    /// The task that the event with this id belongs to.
    fn scheduled(&self, mut id: i64) -> Option<i64> {
        loop {
            let event = self.recorded(id)?;
            if Self::kind(event).ends_with("Scheduled") {
                return Some(id);
            }
            id = event["previousEventId"].as_i64().filter(|id| *id > 0)?;
        }
    }
}

fn details(event: &Value) -> Value {
    let members = event.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| name.ends_with("EventDetails"))
        .map(|(_, details)| details.clone())
        .next()
        .unwrap_or_default()
}

fn error(event: &Value) -> TaskError {
    let details = details(event);
    let text = |name: &str| match &details[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    TaskError { error: text("error"), cause: text("cause") }
}

fn result(event: &Value) -> Result<Value, TaskError> {
    if Recorded::kind(event).contains("Failed") { Err(error(event)) } else { Ok(decoded(&details(event)["output"])) }
}

impl Host for Recorded<'_> {
    fn now(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn new_task_token(&mut self, _: i64) -> String {
        "token".to_owned()
    }

    fn new_uuid(&mut self) -> String {
        "uuid".to_owned()
    }

    fn random(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    fn must_pause(&self) -> bool {
        false
    }

    fn store_queue(&mut self, _: QueueChange) -> Result<(), ApiError> {
        Err(ApiError::internal("nothing was to be left in the queue"))
    }

    fn append(&mut self, event: &HistoryEvent) -> Result<(), ApiError> {
        self.written.push(event.clone());
        Ok(())
    }

    fn call(&mut self, call: ServiceCall<'_>) -> Result<CallOutcome, ApiError> {
        let Some(answer) = self.answer(call.scheduled_event_id) else { return Ok(CallOutcome::Pending) };
        Ok(match (Self::kind(answer), call.pattern) {
            ("TaskSubmitted" | "TaskSubmitFailed", _) | (_, Pattern::RequestResponse)
                if !Self::kind(answer).ends_with("TimedOut") =>
            {
                CallOutcome::Answered(result(answer))
            }
            _ => CallOutcome::Pending,
        })
    }

    fn open_task(&mut self, id: i64, _: Option<&str>, _: Deadlines) -> Result<(), ApiError> {
        self.tasks.push(id);
        Ok(())
    }

    fn close_task(&mut self, id: i64) -> Result<(), ApiError> {
        self.tasks.retain(|task| *task != id);
        Ok(())
    }

    fn set_timer(&mut self, id: i64, due: Timestamp) -> Result<(), ApiError> {
        self.timers.insert(id, due);
        Ok(())
    }

    fn cancel_timer(&mut self, id: i64) -> Result<(), ApiError> {
        self.timers.remove(&id);
        Ok(())
    }

    fn finish(&mut self, _: &ExecutionEnd) -> Result<(), ApiError> {
        Ok(())
    }
}
