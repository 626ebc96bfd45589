//! One execution: a fold over its history, and what carries it on.
//!
//! [`fold`] is the only code that changes an execution's state, and it does so from events alone; so an execution that
//! was replayed equals the one that wrote the history. [`run`] decides which events come next; [`task`], [`fork`],
//! [`wait`] and [`fail`] do their part of it.

use std::sync::Arc;

use serde_json::Value;

use super::{
    definition::Definition,
    history::HistoryEvent,
    host::{ExecutionEnd, Host, QueuedState, Stimulus},
};
use crate::{clock::Timestamp, error::ApiError};

mod context;
mod fail;
mod failure;
mod fold;
mod fork;
mod process;
mod queue;
mod run;
mod task;
#[cfg(test)]
mod tests;
mod wait;

use fold::Fold;
use queue::Queue;

/// The largest input, output or result of a state, in bytes of JSON.
pub const MAX_DATA_BYTES: usize = 262_144;

/// How deep an input, output or result of a state may be nested. JSON is read to 128 levels, of which an event of the
/// history takes some for itself.
pub const MAX_DATA_DEPTH: usize = 100;

/// What an execution knows of itself from its beginning; most of the context object.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutionContext {
    /// `arn:aws:states:region:account:execution:machine:name`.
    pub execution_arn: String,
    /// The name of the execution.
    pub execution_name: String,
    /// The role, as the state machine names it.
    pub role_arn: String,
    /// `arn:aws:states:region:account:stateMachine:name`.
    pub state_machine_arn: String,
    /// The name of the state machine.
    pub state_machine_name: String,
    /// When the execution was started.
    pub started_at: Timestamp,
    /// The input of the execution.
    pub input: Value,
    /// The region, such as `eu-central-1`.
    pub region: String,
    /// The twelve digits of the account.
    pub account: String,
}

/// Why a stored history cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {event_id} of the stored history does not fit the definition: {reason}")]
pub struct ReplayError {
    /// The event that does not fit.
    pub event_id: i64,
    /// Why.
    pub reason: String,
}

/// One execution at one point of its history.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    context: ExecutionContext,
    definition: Arc<Definition>,
    fold: Fold,
    queue: Queue,
}

impl Execution {
    /// An execution that has not begun.
    pub fn new(context: ExecutionContext, definition: Arc<Definition>) -> Self {
        Self { context, definition, fold: Fold::default(), queue: Queue::default() }
    }

    /// The execution as its stored history left it. The events come in the order of their ids.
    pub fn replay(
        context: ExecutionContext,
        definition: Arc<Definition>,
        events: impl IntoIterator<Item = HistoryEvent>,
    ) -> Result<Self, ReplayError> {
        let mut execution = Self::new(context, definition);
        for event in events {
            execution.replay_event(event)?;
        }
        execution.end_replay([]);
        Ok(execution)
    }

    /// Folds in the next event of the stored history. [`Execution::end_replay`] follows the last one.
    pub fn replay_event(&mut self, event: HistoryEvent) -> Result<(), ReplayError> {
        let event_id = event.id;
        self.apply(event).map_err(|reason| ReplayError { event_id, reason })
    }

    /// Ends a replay: `queue` holds the stored states that are still to be entered, in order.
    pub fn end_replay(&mut self, queue: impl IntoIterator<Item = QueuedState>) {
        self.fold.settle();
        self.queue = Queue::stored(queue);
    }

    /// Id of the last event of the history; 0 before the first.
    pub fn last_event_id(&self) -> i64 {
        self.fold.last_event_id
    }

    /// How the execution ended; `None` while it runs.
    pub fn end(&self) -> Option<&ExecutionEnd> {
        self.fold.end.as_ref()
    }

    /// The definition that it follows.
    #[cfg(any(test, fuzzing))]
    pub(in crate::stepfunctions::language) fn definition(&self) -> &Arc<Definition> {
        &self.definition
    }

    /// What the execution knows of itself.
    pub fn context(&self) -> &ExecutionContext {
        &self.context
    }

    /// Ids of the `TaskScheduled` events whose tasks are open: each waits for its token, a call or a job.
    pub fn open_tasks(&self) -> Vec<i64> {
        self.fold.open_tasks()
    }

    /// Ids of the events whose timers are awaited, the execution's own time-out not among them.
    pub fn open_timers(&self) -> Vec<i64> {
        self.fold.open_timers()
    }
}
