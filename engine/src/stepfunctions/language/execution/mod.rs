//! Executions: replaying their history, and advancing them.
//!
//! [`progress`] is the only code that changes the state of an execution, and it uses only events; so a replayed
//! execution equals the one that wrote the history. [`run`] decides which events come next, with [`task`], [`fork`],
//! [`wait`] and [`fail`] for their parts.

use std::sync::Arc;

use serde_json::Value;

use super::{
    definition::Definition,
    history_event::HistoryEvent,
    host::{ExecutionEnd, QueuedState},
};
use crate::clock::Timestamp;

mod context;
mod fail;
mod failure;
mod fork;
mod process;
mod progress;
mod queue;
mod run;
mod task;
#[cfg(test)]
mod tests;
mod wait;

use progress::Progress;
use queue::Queue;

/// Maximum size of the input, output or result of a state, in bytes of JSON.
pub(crate) const MAX_DATA_BYTES: usize = 262_144;

/// Maximum nesting of the input, output or result of a state. The JSON parser reads 128 levels, and a history event
/// needs some for itself.
pub(crate) const MAX_DATA_DEPTH: usize = 100;

/// The properties of an execution that never change; most of the context object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExecutionContext {
    /// `arn:aws:states:region:account:execution:machine:name`.
    pub(crate) execution_arn: String,
    /// The name of the execution.
    pub(crate) execution_name: String,
    /// The role of the state machine.
    pub(crate) role_arn: String,
    /// `arn:aws:states:region:account:stateMachine:name`.
    pub(crate) state_machine_arn: String,
    /// The name of the state machine.
    pub(crate) state_machine_name: String,
    /// When the execution started.
    pub(crate) started_at: Timestamp,
    /// The input of the execution.
    pub(crate) input: Value,
    /// The region, such as `eu-central-1`.
    pub(crate) region: String,
    /// The twelve-digit account id.
    pub(crate) account: String,
}

/// Why a stored history cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {event_id} of the stored history does not fit the definition: {reason}")]
pub(crate) struct ReplayError {
    /// The id of the event.
    pub(crate) event_id: i64,
    /// The reason.
    pub(crate) reason: String,
}

/// An execution at one point of its history.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Execution {
    context: ExecutionContext,
    definition: Arc<Definition>,
    progress: Progress,
    queue: Queue,
}

impl Execution {
    /// An execution that has not started.
    pub(crate) fn new(context: ExecutionContext, definition: Arc<Definition>) -> Self {
        Self { context, definition, progress: Progress::default(), queue: Queue::default() }
    }

    /// Replays a stored history. The events must be in the order of their ids.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn replay(
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

    /// Replays the next event of the stored history. Call [`Execution::end_replay`] after the last one.
    pub(crate) fn replay_event(&mut self, event: HistoryEvent) -> Result<(), ReplayError> {
        let event_id = event.id;
        self.apply(event).map_err(|reason| ReplayError { event_id, reason })
    }

    /// Ends a replay; `queue` contains the stored queue of states, in order.
    pub(crate) fn end_replay(&mut self, queue: impl IntoIterator<Item = QueuedState>) {
        self.progress.clear_pending();
        self.queue = Queue::stored(queue);
    }

    /// The id of the last event; 0 before the first.
    pub(crate) fn last_event_id(&self) -> i64 {
        self.progress.last_event_id
    }

    /// How the execution ended; `None` while it runs.
    pub(crate) fn end(&self) -> Option<&ExecutionEnd> {
        self.progress.end.as_ref()
    }

    /// The definition of its state machine.
    #[cfg(any(test, fuzzing))]
    pub(in crate::stepfunctions::language) fn definition(&self) -> &Arc<Definition> {
        &self.definition
    }

    /// The unchanging properties of the execution.
    pub(crate) fn context(&self) -> &ExecutionContext {
        &self.context
    }

    /// The ids of the `TaskScheduled` events of open tasks. Each waits for its token, a call or a job.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn open_tasks(&self) -> Vec<i64> {
        self.progress.open_tasks()
    }

    /// The ids of the events with open timers, without the time-out of the execution itself.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn open_timers(&self) -> Vec<i64> {
        self.progress.open_timers()
    }
}
