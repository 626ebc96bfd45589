//! Task tokens. They are unguessable and authenticated, so that a used token differs from an invalid one although used
//! tokens are not stored.
//!
//! A token contains its execution, its task and 128 random bits, and ends with a keyed hash of them. Whether its task
//! is still open is stored with the task.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::clock::Rng;

const NONCE_BYTES: usize = 16;
const BODY_BYTES: usize = 1 + 8 + 8 + NONCE_BYTES;
const TAG_BYTES: usize = 32;
/// The format version, which is the first byte.
const FORMAT: u8 = 1;

/// The key that authenticates tokens.
pub(crate) struct TokenKey(Vec<u8>);

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(..)")
    }
}

/// The content of a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// The row of the execution.
    pub(crate) execution: i64,
    /// The id of the task's `TaskScheduled` event.
    pub(crate) scheduled_event_id: i64,
    /// Random bytes. They distinguish the token from one that was issued for the same task before a rollback.
    pub(crate) nonce: [u8; NONCE_BYTES],
}

impl TokenKey {
    pub(crate) fn new(key: Vec<u8>) -> Self {
        Self(key)
    }

    /// Issues a new token for the task.
    pub(crate) fn issue(&self, rng: &dyn Rng, execution: i64, scheduled_event_id: i64) -> String {
        let mut nonce = [0u8; NONCE_BYTES];
        rng.fill(&mut nonce);
        let mut bytes = Vec::with_capacity(BODY_BYTES + TAG_BYTES);
        bytes.push(FORMAT);
        bytes.extend_from_slice(&execution.to_be_bytes());
        bytes.extend_from_slice(&scheduled_event_id.to_be_bytes());
        bytes.extend_from_slice(&nonce);
        let tag = self.mac(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&tag);
        BASE64_STANDARD.encode(bytes)
    }

    /// The content of the token, if it was issued with this key.
    pub(crate) fn verify(&self, text: &str) -> Option<Token> {
        let bytes = BASE64_STANDARD.decode(text).ok()?;
        let (body, tag) = bytes.split_at_checked(BODY_BYTES)?;
        self.mac(body).verify_slice(tag).ok()?;
        let (form, rest) = body.split_first()?;
        let (execution, rest) = rest.split_first_chunk()?;
        let (task, rest) = rest.split_first_chunk()?;
        (*form == FORMAT).then_some(Token {
            execution: i64::from_be_bytes(*execution),
            scheduled_event_id: i64::from_be_bytes(*task),
            nonce: rest.try_into().ok()?,
        })
    }

    fn mac(&self, body: &[u8]) -> Hmac<Sha256> {
        // The key is hashed to the size of an HMAC key, so any length is valid.
        let mut mac = Hmac::<Sha256>::new(&Sha256::digest(&self.0).into_iter().chain([0; 32]).collect());
        mac.update(body);
        mac
    }
}

/// A short hash that identifies a token in logs and reveals nothing of it.
pub(crate) fn fingerprint(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Minimum length of a run of characters that may be a token: ours have 88, those of AWS several hundred.
const MIN_TOKEN_LENGTH: usize = 80;

/// Replaces everything that may be a task token by its fingerprint, whether or not it is a token of this engine. It
/// rather hides a long path than shows a token.
pub(crate) fn redact_tokens(text: &str) -> String {
    // Base64 in both alphabets, also percent-encoded.
    let may_be_token = |c: char| c.is_ascii_alphanumeric() || "+/=-_%".contains(c);
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !may_be_token(c)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        if run.len() >= MIN_TOKEN_LENGTH {
            redacted.push_str(&format!("[token {}]", fingerprint(run)));
        } else {
            redacted.push_str(run);
        }
        let next = behind.find(may_be_token).unwrap_or(behind.len());
        let (between, next) = behind.split_at(next);
        redacted.push_str(between);
        rest = next;
    }
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRng;

    #[test]
    fn a_token_is_valid_only_under_its_own_key() {
        let (ours, theirs) = (TokenKey::new(vec![1; 32]), TokenKey::new(vec![2; 32]));
        let token = ours.issue(&SeededRng::new(1), 7, 17);
        let opened = ours.verify(&token).unwrap();
        assert_eq!((opened.execution, opened.scheduled_event_id), (7, 17));
        assert_eq!(theirs.verify(&token), None);
    }

    #[test]
    fn a_token_with_any_byte_changed_is_invalid() {
        let key = TokenKey::new(vec![1; 32]);
        let bytes = BASE64_STANDARD.decode(key.issue(&SeededRng::new(1), 7, 17)).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(key.verify(&BASE64_STANDARD.encode(&changed)), None, "byte {at}");
        }
        assert_eq!(key.verify("AAAAKgAAAAIAAAAA"), None);
        assert_eq!(key.verify("not base64 !"), None);
        assert_eq!(key.verify(""), None);
    }

    #[test]
    fn tokens_are_redacted_in_any_surrounding_text() {
        let token = TokenKey::new(vec![1; 32]).issue(&SeededRng::new(1), 7, 17);
        let escaped = token.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        for around in
            [token.clone(), format!("no order for {{\"TaskToken\":\"{token}\"}}: gone"), format!("a={escaped}&b")]
        {
            let redacted = redact_tokens(&around);
            assert!(!redacted.contains(&token[..60]) && !redacted.contains(&escaped[..60]), "{redacted}");
        }
        let plain = "Lambda.Unknown: the function order-7 said: käse, {\"a\": 1}";
        assert_eq!(redact_tokens(plain), plain);
    }

    #[test]
    fn two_tokens_of_one_task_differ() {
        let (key, rng) = (TokenKey::new(vec![1; 32]), SeededRng::new(1));
        assert_ne!(key.issue(&rng, 7, 17), key.issue(&rng, 7, 17));
    }
}
