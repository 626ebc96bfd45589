//! Why the server closes a live connection. Each reason has a close code, a text and a label in the metrics.

use axum::extract::ws::{CloseFrame, close_code};

/// Why the server closes a live connection. `docs/PROTOCOL.md` has the same list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseReason {
    /// The client sent something that is no frame of the protocol.
    Malformed,
    /// The client sent a message that is too long.
    TooLarge,
    /// The client sends more messages than any of our pages does.
    TooManyFrames,
    /// The client does not read what it is sent.
    TooSlow,
    /// The client has not answered the last pings.
    Silent,
    /// Whether the client may read its topics cannot be found out.
    Unavailable,
}

impl CloseReason {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 6] =
        [Self::Malformed, Self::TooLarge, Self::TooManyFrames, Self::TooSlow, Self::Silent, Self::Unavailable];

    /// The code of the close frame: from RFC 6455 where it fits, otherwise from the range for applications.
    pub(super) const fn code(self) -> u16 {
        match self {
            Self::Malformed => close_code::POLICY,
            Self::TooLarge => close_code::SIZE,
            Self::TooManyFrames => 4001,
            Self::TooSlow => 4002,
            Self::Silent => 4003,
            Self::Unavailable => close_code::AGAIN,
        }
    }

    /// The text of the close frame: at most 123 bytes.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Malformed => "This is not a frame of this protocol.",
            Self::TooLarge => "A message may have 16 KiB at most.",
            Self::TooManyFrames => "One frame a second is enough; come back later.",
            Self::TooSlow => "You do not take what you are sent; come back for a snapshot.",
            Self::Silent => "You have not answered the last pings; come back when you can.",
            Self::Unavailable => "The orders cannot be read at the moment; come back soon.",
        }
    }

    /// The value of the label `reason` in the metrics.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::TooManyFrames => "too_many_frames",
            Self::TooSlow => "too_slow",
            Self::Silent => "silent",
            Self::Unavailable => "unavailable",
        }
    }
}

impl From<CloseReason> for CloseFrame {
    fn from(reason: CloseReason) -> Self {
        Self { code: reason.code(), reason: reason.words().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_documentation_has_every_close_code_with_its_text() {
        let described = include_str!("../../../docs/PROTOCOL.md");
        for reason in CloseReason::ALL {
            assert!(reason.words().len() <= 123, "{reason:?}");
            let row = format!("| {} | {} |", reason.code(), reason.words());
            assert!(described.contains(&row), "docs/PROTOCOL.md has no row {row:?}");
        }
    }
}
