//! What is asked and answered, as JSON.

use std::{io, path::PathBuf};

use engine::events::DeadLetter;
use serde::{Deserialize, Serialize};

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// Put this backup in the place of the data. The path is absolute.
    Restore {
        /// The backup.
        file: PathBuf,
    },
    /// Show the dead letters.
    ListDeadLetters,
    /// Deliver dead letters again.
    ReplayDeadLetters {
        /// Which one; all of them when absent.
        id: Option<i64>,
    },
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// The bar is open again with the data of the backup.
    Restored {
        /// Where the data from before is kept.
        kept: Option<PathBuf>,
    },
    /// The dead letters.
    DeadLetters(Vec<DeadLetterInfo>),
    /// What became of each.
    Replayed(Vec<Replayed>),
    /// It was not done, for this reason.
    Refused(String),
}

/// Why a bar could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the bar that has {} open did not answer: {source}. Look at its log.", folder.display())]
pub struct AskError {
    pub(super) folder: PathBuf,
    pub(super) source: io::Error,
}

/// A dead letter as it is shown.
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
    /// The kind of the event.
    pub detail_type: String,
    /// The id of the event.
    pub event_id: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong the last time.
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

/// What became of a dead letter that was delivered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// Its number.
    pub id: i64,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There is no dead letter of that number.
    Unknown,
    /// It has arrived.
    Delivered,
    /// It has failed again, and is tried again at this time.
    FailedAgain {
        /// As `2026-11-20T10:42:07.123Z`.
        next_attempt: String,
    },
    /// It is a dead letter again, with a new number.
    GivenUpAgain {
        /// The new number.
        id: i64,
        /// What went wrong.
        last_error: String,
    },
    /// The target has not answered yet; nobody waits for it here any longer.
    UnderWay,
    /// The bar is closed; it is delivered when it opens.
    WhenOpen,
}
