//! Decisions that follow from a seed.

use engine::clock::{Rng, SeededRng};

/// A source of decisions.
#[derive(Debug)]
pub(super) struct Random(SeededRng);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(SeededRng::new(seed.wrapping_mul(0x2545_F491_4F6C_DD1D)))
    }

    /// A number from 0 to `limit` - 1.
    pub(super) fn below(&self, limit: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % limit
    }

    /// A number between two bounds, both included.
    pub(super) fn between(&self, least: i64, most: i64) -> i64 {
        least + i64::try_from(self.below(u64::try_from(most - least + 1).unwrap())).unwrap()
    }

    /// True with a probability of `parts` / `of`.
    pub(super) fn chance(&self, parts: u64, of: u64) -> bool {
        self.below(of) < parts
    }

    /// An index into a list of this length.
    pub(super) fn index(&self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }

    /// A number in [0, 1).
    pub(super) fn fraction(&self) -> f64 {
        self.below(1 << 32) as f64 / (1_u64 << 32) as f64
    }
}
