//! A hash of everything that happened, and optionally its text.

/// The environment variable that turns on printing.
const PRINT_VARIABLE: &str = "LIVE_SIMULATION_TRACE";

#[derive(Debug)]
pub(super) struct Trace {
    hash: u64,
    is_printed: bool,
}

impl Default for Trace {
    fn default() -> Self {
        // FNV-1a.
        Self { hash: 0xcbf2_9ce4_8422_2325, is_printed: std::env::var_os(PRINT_VARIABLE).is_some() }
    }
}

impl Trace {
    pub(super) fn note(&mut self, now: i64, what: &str, who: u64, number: u64) {
        if self.is_printed {
            println!("{now} {what} {who} {number}");
        }
        let numbers = [now.cast_unsigned(), who, number];
        for byte in what.bytes().chain(numbers.into_iter().flat_map(u64::to_le_bytes)) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }
}
