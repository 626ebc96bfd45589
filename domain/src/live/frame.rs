//! The frames of `/live`, as JSON text. `docs/PROTOCOL.md` describes them for strangers.

use serde::{Deserialize, Serialize};

use super::{Change, Topic, TopicState};
use crate::time::Timestamp;

/// How far a reader has read a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The life of the server's projection; a number from another epoch means nothing.
    pub epoch: u64,
    /// The last change applied.
    pub seq: u64,
}

/// A topic that a reader wants, and how far it has read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionRequest {
    /// The topic.
    pub topic: Topic,
    /// Where to go on, or `None` for a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
}

/// What a browser sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "camelCase")]
pub enum ClientFrame {
    /// The first frame of a connection, and again whenever a reader has lost count of a topic.
    Hello {
        /// At most four topics.
        subscriptions: Vec<SubscriptionRequest>,
    },
}

/// What the server sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "camelCase")]
pub enum ServerFrame {
    /// The topic as it is at `seq`.
    Snapshot {
        /// Which topic.
        topic: Topic,
        /// The life of the projection.
        epoch: u64,
        /// The last change in it.
        seq: u64,
        /// Everything the topic shows.
        state: TopicState,
    },
    /// The reader goes on where it was: the changes after that follow.
    Resumed {
        /// Which topic.
        topic: Topic,
        /// The life of the projection.
        epoch: u64,
        /// The change the reader named.
        seq: u64,
        /// The newest change: those that the reader has missed follow at once, and until it has this one it is behind.
        #[serde(default)]
        head: u64,
    },
    /// The next change of a topic.
    Delta {
        /// Which topic.
        topic: Topic,
        /// Its number.
        seq: u64,
        /// What changes.
        change: Change,
    },
    /// Every five seconds, so that silence means a broken line.
    Heartbeat {
        /// The server's time.
        now: Timestamp,
    },
    /// The reader may not read this topic, or it does not exist.
    Denied {
        /// Which topic.
        topic: Topic,
    },
    /// The server goes away.
    Bye {
        /// Come back after this many milliseconds.
        retry_in_ms: u32,
    },
}
