//! Shortens what clients send before it is logged.

/// A header may have 32 KiB; for the log its beginning is enough.
const LENGTH: usize = 100;

/// The beginning of what a client has sent: at most 100 bytes and an ellipsis.
pub(super) fn excerpt(sent: &[u8]) -> String {
    match sent.get(..LENGTH) {
        Some(beginning) if sent.len() > LENGTH => format!("{}…", String::from_utf8_lossy(beginning)),
        _ => String::from_utf8_lossy(sent).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_is_logged() {
        assert_eq!(excerpt(b"coffee.example"), "coffee.example");
        assert_eq!(excerpt(&[b'a'; 100]), "a".repeat(100));
        assert_eq!(excerpt(&[b'a'; 101]), "a".repeat(100) + "…");
        assert_eq!(excerpt(b"\xff"), "\u{fffd}");
    }
}
