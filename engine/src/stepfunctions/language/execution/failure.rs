//! Matching errors with retriers and catchers.

use serde_json::{Value, json};

use crate::stepfunctions::language::{
    definition::{Catcher, Jitter, Retrier},
    history_event::Failure,
    host::TaskError,
};

/// An error that is being handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RaisedError {
    pub(super) failure: Failure,
    /// A heartbeat timed out: `States.HeartbeatTimeout` matches in addition to `States.Timeout`.
    pub(super) heartbeat: bool,
    /// Whether an event of a task reported the error, not only the end of the state or of the execution.
    pub(super) of_task: bool,
}

impl RaisedError {
    /// An error that an event of a task reports.
    pub(super) fn by_task(failure: Failure, heartbeat: bool) -> Self {
        Self { failure, heartbeat, of_task: true }
    }

    fn matches(&self, names: &[String]) -> bool {
        let error = self.failure.error.as_deref().unwrap_or_default();
        // As documented, States.Runtime cannot be caught, and States.DataLimitExceeded only by its own name. But
        // recordings show that States.ALL catches it if the result of a task is too large, which an event of the task
        // reports.
        let is_runtime = error == "States.Runtime";
        let is_terminal = is_runtime || (error == "States.DataLimitExceeded" && !self.of_task);
        names.iter().any(|name| match name.as_str() {
            "States.ALL" => !is_terminal,
            "States.TaskFailed" => !is_terminal && error != "States.Timeout",
            "States.HeartbeatTimeout" if self.heartbeat => true,
            name => name == error && !is_runtime,
        })
    }

    /// The first retrier that matches the error, if it has attempts left.
    pub(super) fn retrier(&self, retry: &[Retrier], attempts: &[i64]) -> Option<usize> {
        let index = retry.iter().position(|retrier| self.matches(&retrier.error_equals))?;
        let (retrier, made) = (retry.get(index)?, attempts.get(index).copied().unwrap_or_default());
        (made < retrier.max_attempts).then_some(index)
    }

    pub(super) fn catcher(&self, catch: &[Catcher]) -> Option<usize> {
        catch.iter().position(|catcher| self.matches(&catcher.error_equals))
    }

    /// The input of the catcher's state. As in AWS, missing texts are null, but the cause of a time-out is empty.
    pub(super) fn output(&self) -> Value {
        let Failure { error, cause } = &self.failure;
        let is_timeout = error.as_deref() == Some("States.Timeout");
        let cause = cause.clone().or_else(|| is_timeout.then(String::new));
        json!({ "Error": error, "Cause": cause })
    }
}

impl From<Failure> for RaisedError {
    fn from(failure: Failure) -> Self {
        Self { failure, heartbeat: false, of_task: false }
    }
}

impl From<TaskError> for Failure {
    /// AWS omits empty texts.
    fn from(error: TaskError) -> Self {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        Self { error: given(error.error), cause: given(error.cause) }
    }
}

impl From<Failure> for TaskError {
    fn from(failure: Failure) -> Self {
        Self { error: failure.error.unwrap_or_default(), cause: failure.cause.unwrap_or_default() }
    }
}

impl Retrier {
    /// The delay of the next attempt in milliseconds, after `made` attempts; `random` gives the jitter.
    pub(super) fn delay_millis(&self, made: i64, random: impl FnOnce() -> u64) -> i64 {
        let grown = self.interval_seconds as f64 * self.backoff_rate.powf(made as f64);
        let most = self.max_delay_seconds.map_or(f64::from(i32::MAX), |seconds| seconds as f64);
        let millis = (grown.min(most) * 1000.0) as i64;
        match self.jitter {
            Jitter::None => millis,
            Jitter::Full => {
                let span = u64::try_from(millis).unwrap_or_default().saturating_add(1);
                (random() % span).cast_signed()
            }
        }
    }
}
