//! Why the server ends a connection: each reason has a code and words for the reader, and a name in the metrics.

use axum::extract::ws::{CloseFrame, close_code};

/// Why a connection is cut. `docs/PROTOCOL.md` lists the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The reader has said what is no frame of the protocol.
    Malformed,
    /// The reader has sent a longer message than it may.
    TooLarge,
    /// The reader says more than any page of ours would.
    TooManyFrames,
    /// The reader does not take what it is sent.
    TooSlow,
    /// The reader has not answered for so long that nobody can be there.
    Silent,
    /// It cannot be found out what the reader may read.
    Unavailable,
}

impl Cut {
    /// Every reason.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 6] =
        [Self::Malformed, Self::TooLarge, Self::TooManyFrames, Self::TooSlow, Self::Silent, Self::Unavailable];

    /// The code of the close frame: of RFC 6455 where it has one, else of those that are free for an application.
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

    /// The reason of the close frame: at most 123 bytes.
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

    /// The name in the metrics.
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

impl From<Cut> for CloseFrame {
    fn from(cut: Cut) -> Self {
        Self { code: cut.code(), reason: cut.words().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_s_description_has_every_code_with_its_words() {
        let described = include_str!("../../../docs/PROTOCOL.md");
        for cut in Cut::ALL {
            assert!(cut.words().len() <= 123, "{cut:?}");
            let row = format!("| {} | {} |", cut.code(), cut.words());
            assert!(described.contains(&row), "docs/PROTOCOL.md has no row {row:?}");
        }
    }
}
