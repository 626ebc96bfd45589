//! Requests and replies, as JSON.

use std::{io, path::PathBuf};

use engine::DeadLetter;
use serde::{Deserialize, Serialize};

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// Replace the data by that of this backup. The path is absolute.
    Restore { file: PathBuf },
    /// List the dead letters.
    ListDeadLetters,
    /// Deliver dead letters again.
    ReplayDeadLetters {
        /// The dead letter; all of them when absent.
        id: Option<i64>,
    },
}

/// A reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// The server runs with the data of the backup.
    Restored {
        /// Where the previous data is kept.
        kept: Option<PathBuf>,
    },
    /// The dead letters.
    DeadLetters(Vec<DeadLetterInfo>),
    /// The outcome of each delivery.
    Replayed(Vec<Replayed>),
    /// The request was refused, for this reason.
    Refused(String),
}

/// Why a running server could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the server that uses {} did not answer: {source}. Look at its log.", folder.display())]
pub struct AskError {
    pub(super) folder: PathBuf,
    pub(super) source: io::Error,
}

/// A dead letter: a delivery that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetterInfo {
    /// Its number, for `replay`.
    pub id: i64,
    /// When it was given up, as `2026-11-20T10:42:07.123Z`.
    pub given_up: String,
    /// The rule that matched the event.
    pub rule: String,
    /// The ARN of the target.
    pub target: String,
    /// The `detail-type` of the event.
    pub detail_type: String,
    /// The id of the event.
    pub event_id: String,
    /// The number of attempts.
    pub attempts: i64,
    /// The error of the last attempt.
    pub last_error: String,
}

impl From<DeadLetter> for DeadLetterInfo {
    fn from(letter: DeadLetter) -> Self {
        Self {
            id: letter.id,
            given_up: letter.given_up.rfc3339_millis(),
            rule: letter.rule,
            target: letter.target_arn,
            detail_type: letter.detail_type,
            event_id: letter.event_id,
            attempts: letter.attempts,
            last_error: letter.reason,
        }
    }
}

/// The outcome of delivering a dead letter again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// The number of the dead letter.
    pub id: i64,
    /// What became of it.
    pub outcome: Outcome,
}

/// The outcome of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There is no dead letter with this number.
    Unknown,
    /// It was delivered.
    Delivered,
    /// It has failed again and will be retried.
    FailedAgain {
        /// The time of the next attempt, as `2026-11-20T10:42:07.123Z`.
        next_attempt: String,
    },
    /// It was given up again and has a new number.
    GivenUpAgain {
        /// The new number.
        id: i64,
        /// The error of the last attempt.
        last_error: String,
    },
    /// The target has not answered in time; the delivery goes on.
    UnderWay,
    /// The server is not running; it is delivered after the next start.
    WhenOpen,
}
