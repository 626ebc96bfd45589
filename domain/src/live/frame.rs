//! The frames of `/live`, as JSON text. `docs/PROTOCOL.md` documents them.

use serde::{Deserialize, Serialize};

use super::{Change, Topic, TopicState};
use crate::time::Timestamp;

/// A position in a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The epoch of the server's projection. Sequence numbers of different epochs cannot be compared.
    pub epoch: u64,
    /// The sequence number of the last change that was applied.
    pub seq: u64,
}

/// A subscription, as a hello asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionRequest {
    /// The topic.
    pub topic: Topic,
    /// The position to resume from. `None` asks for a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
}

/// A frame from a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "camelCase")]
pub enum ClientFrame {
    /// The first frame of a connection, and again after a gap. Replaces the subscriptions of the one before.
    Hello {
        /// At most four topics.
        subscriptions: Vec<SubscriptionRequest>,
    },
}

/// A frame from the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "camelCase")]
pub enum ServerFrame {
    /// The state of a topic at `seq`.
    Snapshot {
        /// The topic.
        topic: Topic,
        /// The epoch of the projection.
        epoch: u64,
        /// The sequence number of the last change in it.
        seq: u64,
        /// The state.
        state: TopicState,
    },
    /// The server resumes from the reader's position. The changes after it follow.
    Resumed {
        /// The topic.
        topic: Topic,
        /// The epoch of the projection.
        epoch: u64,
        /// The sequence number that the reader named.
        seq: u64,
        /// The sequence number of the newest change. The missed changes follow at once, and the reader is behind until
        /// it has this one.
        #[serde(default)]
        head: u64,
    },
    /// The next change of a topic.
    Delta {
        /// The topic.
        topic: Topic,
        /// The sequence number of the change.
        seq: u64,
        /// The change.
        change: Change,
    },
    /// Sent every five seconds, so that a broken connection can be detected.
    Heartbeat {
        /// The server's time.
        now: Timestamp,
    },
    /// The reader may not read this topic, or it does not exist.
    Denied {
        /// The topic.
        topic: Topic,
    },
    /// The server shuts down.
    Bye {
        /// When to reconnect, in milliseconds.
        retry_in_ms: u32,
    },
}
