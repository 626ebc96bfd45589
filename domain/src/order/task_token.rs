//! The task token: it moves a workflow, so it stays in the backend.

use std::fmt;

/// A Step Functions task token, 1 to 2,048 characters.
///
/// It cannot be serialized and its `Debug` is a short hash, so that it reaches neither a browser nor a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskToken(String);

impl TaskToken {
    /// Wraps the token as AWS gave it.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token itself, for SendTaskSuccess and the order table; for nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Eight hexadecimal digits that name the token without giving it away (FNV-1a).
    pub fn fingerprint(&self) -> String {
        let hash =
            self.0.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        format!("{hash:08x}")
    }
}

impl fmt::Debug for TaskToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskToken(#{})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_show_itself_in_a_log() {
        let token = TaskToken::new("AQCEAAAAKgAAAAMAAAAAsecret");
        let printed = format!("{token:?} {:?}", Some(&token));
        assert!(!printed.contains("secret") && !printed.contains("AQCE"), "{printed}");
    }
}
