//! The task token. Whoever has it can complete a step of a workflow, so it stays in the backend.

use std::{fmt, hash::Hasher as _};

use fnv::FnvHasher;

/// A task token of Step Functions, 1 to 2,048 characters.
///
/// It cannot be serialized, and its `Debug` is a short hash, so that it reaches neither a browser nor a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskToken(String);

impl TaskToken {
    /// Wraps a token from AWS.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token itself, only for calls to Step Functions and for the order table.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Eight hexadecimal digits that identify the token in a log without revealing it: the lower half of its FNV-1a
    /// hash.
    pub fn fingerprint(&self) -> String {
        let mut hasher = FnvHasher::default();
        hasher.write(self.0.as_bytes());
        format!("{:08x}", hasher.finish() & u64::from(u32::MAX))
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
    fn debug_does_not_reveal_a_token() {
        let token = TaskToken::new("AQCEAAAAKgAAAAMAAAAAsecret");
        let printed = format!("{token:?} {:?}", Some(&token));
        assert!(!printed.contains("secret") && !printed.contains("AQCE"), "{printed}");
    }
}
