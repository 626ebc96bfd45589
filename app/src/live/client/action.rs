//! What the [`LiveClient`](super::LiveClient) asks its driver to do.

use domain::live::{ClientFrame, Topic, TopicState};

use crate::live::status::ConnectionStatus;

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Open a socket, and retire the one before.
    Open {
        /// The generation of the socket, which comes with every event of it.
        generation: u32,
    },
    /// Retire the socket.
    Close,
    /// Send a frame.
    Send(ClientFrame),
    /// Call [`retry`](super::LiveClient::retry). Replaces an earlier [`Action::Retry`].
    Retry {
        /// The generation to call it with.
        generation: u32,
        /// The delay.
        millis: i64,
    },
    /// Poll the topics, and call [`polled`](super::LiveClient::polled) or
    /// [`poll_failed`](super::LiveClient::poll_failed).
    Poll,
    /// Show a topic.
    Show(Topic, TopicState),
    /// Show a status.
    SetStatus(ConnectionStatus),
    /// The server has restarted, perhaps with newer pages: check whether this page is out of date.
    CheckVersion,
    /// The page may not read a topic any more: load it again, so that it says why.
    Reload,
}
