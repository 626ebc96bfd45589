//! A host in memory for tests. It answers calls from a script and records everything.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::{
    data::{Data, LazyContext},
    history_event::HistoryEvent,
    host::{CallOutcome, Deadlines, ExecutionEnd, Host, Pattern, QueueChange, QueuedState, ServiceCall},
};
use crate::{clock::Timestamp, error::ApiError};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct OpenTask {
    pub(super) token: Option<String>,
    pub(super) deadlines: Deadlines,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct RecordedCall {
    pub(super) resource_type: String,
    pub(super) action: String,
    pub(super) pattern: Pattern,
    pub(super) parameters: Value,
}

#[derive(Debug, Default)]
pub(super) struct ScriptedHost {
    pub(super) now: i64,
    /// Answers to calls by action, in order; an action without answers returns `{}`.
    pub(super) answers: BTreeMap<String, VecDeque<CallOutcome>>,
    pub(super) events: Vec<HistoryEvent>,
    pub(super) calls: Vec<RecordedCall>,
    pub(super) tasks: BTreeMap<i64, OpenTask>,
    pub(super) timers: BTreeMap<i64, Timestamp>,
    pub(super) end: Option<ExecutionEnd>,
    pub(super) randoms: VecDeque<u64>,
    uuids: usize,
    tokens: usize,
    /// Fails to append the event with this id, as on a full disk.
    pub(super) fail_at: Option<i64>,
    /// Whether the execution pauses after each state.
    pub(super) pauses: bool,
    /// The queue of a paused execution, by position.
    pub(super) queue: BTreeMap<i64, QueuedState>,
}

impl ScriptedHost {
    pub(super) fn answer(mut self, action: &str, outcome: CallOutcome) -> Self {
        self.answers.entry(action.to_owned()).or_default().push_back(outcome);
        self
    }

    pub(super) fn draw(mut self, random: u64) -> Self {
        self.randoms.push_back(random);
        self
    }

    /// `id previous type` of each event.
    pub(super) fn outline(&self) -> Vec<String> {
        let line =
            |event: &HistoryEvent| format!("{} {} {}", event.id, event.previous_event_id, event.kind.type_name());
        self.events.iter().map(line).collect()
    }

    pub(super) fn types(&self) -> Vec<String> {
        self.events.iter().map(|event| event.kind.type_name()).collect()
    }
}

impl Host for ScriptedHost {
    fn now(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn new_task_token(&mut self, _scheduled_event_id: i64) -> String {
        self.tokens += 1;
        format!("token-{}", self.tokens)
    }

    fn new_uuid(&mut self) -> String {
        self.uuids += 1;
        format!("uuid-{}", self.uuids)
    }

    fn random(&mut self) -> u64 {
        self.randoms.pop_front().unwrap_or(0)
    }

    fn must_pause(&self) -> bool {
        self.pauses
    }

    fn store_queue(&mut self, change: QueueChange) -> Result<(), ApiError> {
        for position in change.removed {
            assert!(self.queue.remove(&position).is_some(), "position {position} was not stored");
        }
        for state in change.added {
            assert!(self.queue.insert(state.position, state).is_none(), "a position was given twice");
        }
        assert_eq!(self.queue.is_empty(), change.is_empty);
        Ok(())
    }

    fn append(&mut self, event: &HistoryEvent) -> Result<(), ApiError> {
        if self.fail_at == Some(event.id) {
            return Err(ApiError::internal("the disk is full"));
        }
        self.events.push(event.clone());
        Ok(())
    }

    fn call(&mut self, call: ServiceCall<'_>) -> Result<CallOutcome, ApiError> {
        self.calls.push(RecordedCall {
            resource_type: call.resource_type.to_owned(),
            action: call.action.to_owned(),
            pattern: call.pattern,
            parameters: call.parameters.clone(),
        });
        let scripted = self.answers.get_mut(call.action).and_then(VecDeque::pop_front);
        Ok(scripted.unwrap_or(CallOutcome::Answered(Ok(json!({})))))
    }

    fn open_task(&mut self, id: i64, token: Option<&str>, deadlines: Deadlines) -> Result<(), ApiError> {
        assert!(self.tasks.insert(id, OpenTask { token: token.map(str::to_owned), deadlines }).is_none());
        Ok(())
    }

    fn close_task(&mut self, id: i64) -> Result<(), ApiError> {
        assert!(self.tasks.remove(&id).is_some(), "task {id} was not open");
        Ok(())
    }

    fn set_timer(&mut self, event_id: i64, due: Timestamp) -> Result<(), ApiError> {
        assert!(self.timers.insert(event_id, due).is_none());
        Ok(())
    }

    fn cancel_timer(&mut self, event_id: i64) -> Result<(), ApiError> {
        assert!(self.timers.remove(&event_id).is_some(), "timer {event_id} was not set");
        Ok(())
    }

    fn finish(&mut self, end: &ExecutionEnd) -> Result<(), ApiError> {
        assert!(self.end.replace(end.clone()).is_none(), "an execution ends once");
        self.tasks.clear();
        self.timers.clear();
        Ok(())
    }
}

/// Calls `work` with `input` as `$` and an empty context object.
pub(super) fn data_of<T>(input: &Value, work: impl FnOnce(Data<'_>) -> T) -> T {
    let context: LazyContext<'_> = LazyContext::new(Box::new(|| json!({})));
    work(Data { input, context: &context })
}
