//! Random choices from a seed.

use crate::clock::{Rng, SeededRng};

/// A source of random choices.
#[derive(Debug)]
pub(super) struct Random(SeededRng);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(SeededRng::new(seed.wrapping_mul(0x2545_F491_4F6C_DD1D)))
    }

    /// A number below `limit`.
    pub(super) fn below(&self, limit: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % limit
    }

    /// True with probability `parts`/`of`.
    pub(super) fn chance(&self, parts: u64, of: u64) -> bool {
        self.below(of) < parts
    }

    /// One of the elements.
    pub(super) fn pick<'t, T>(&self, all: &'t [T]) -> Option<&'t T> {
        if all.is_empty() { None } else { all.get(usize::try_from(self.below(all.len() as u64)).unwrap()) }
    }
}
