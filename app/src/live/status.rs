//! The status of the live connection, as the page shows it.

/// Whether what the page shows is true now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The page connects: it has just been loaded, or the line was lost a moment ago.
    Starting,
    /// It is, to the second.
    Live,
    /// It is, to three seconds: the network lets no live connection through.
    Slow,
    /// Nothing has been heard since then.
    Silent {
        /// In milliseconds: of the steady clock in the session, of the server's clock on the page.
        since: i64,
    },
}

impl Line {
    /// For the `data-line` of an element.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Live => "live",
            Self::Slow => "slow",
            Self::Silent { .. } => "silent",
        }
    }
}
