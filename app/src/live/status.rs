//! The status of the live connection, as the page shows it.

/// How current the page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// Not known yet: the page has just been loaded, or has lost its connection a moment ago.
    Connecting,
    /// Every change is shown when it happens.
    Live,
    /// No live connection. The page polls, and is at most a few seconds old.
    Polling,
    /// The server cannot be reached.
    Stale {
        /// When the page was last current, in milliseconds: of the steady clock in
        /// [`LiveClient`](super::client::LiveClient), of the server's clock on the page.
        since: i64,
    },
}

impl ConnectionStatus {
    /// The value of the attribute `data-line`, which style sheets and tests read.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "starting",
            Self::Live => "live",
            Self::Polling => "slow",
            Self::Stale { .. } => "silent",
        }
    }
}
