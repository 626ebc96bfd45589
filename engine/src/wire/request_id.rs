//! Request ids. They are unique, but the random source is used only once, so that the number of requests does not
//! influence the random values of tokens and events.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Rng;

/// Generates request ids.
#[derive(Debug)]
pub(crate) struct RequestIds {
    prefix: [u8; 8],
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        let mut prefix = [0u8; 8];
        rng.fill(&mut prefix);
        Self { prefix, next: AtomicU64::new(1) }
    }

    /// The next id, formatted like a UUID.
    pub(crate) fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let [a, b, c, d, e, f, g, h] = self.prefix;
        let (high, low) = (number >> 48, number & 0xFFFF_FFFF_FFFF);
        format!("{a:02x}{b:02x}{c:02x}{d:02x}-{e:02x}{f:02x}-{g:02x}{h:02x}-{high:04x}-{low:012x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRng;

    #[test]
    fn ids_differ_and_look_like_uuids() {
        let ids = RequestIds::new(&SeededRng::new(1));
        let (one, two) = (ids.next(), ids.next());
        assert_ne!(one, two);
        assert_eq!(one.len(), 36);
        assert_eq!(one.chars().filter(|c| *c == '-').count(), 4);
    }
}
