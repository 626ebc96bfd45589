//! Prints each step of a command with its duration.

use std::fmt;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Measures real time. The commands run outside the server, so the clock is not injected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "the duration of a command is real time")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn read(self) -> Elapsed {
        Elapsed(self.0.elapsed())
    }
}

/// A rounded duration: `0.4 s`, `12 s`, `173 s`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elapsed(pub(crate) Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        if seconds < 9.95 { write!(f, "{seconds:.1} s") } else { write!(f, "{seconds:.0} s") }
    }
}

/// Runs `work` and prints one line: `Installing trunk 0.21.14 … 173 s`.
///
/// # Errors
/// Those of `work`.
pub(crate) fn step<T>(what: impl fmt::Display, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    print!("{what} … ");
    std::io::stdout().flush()?;
    let watch = Stopwatch::start();
    let outcome = work();
    match &outcome {
        Ok(_) => println!("{}", watch.read()),
        Err(_) => println!("failed after {}", watch.read()),
    }
    outcome
}

/// Runs `work`, which prints itself, between a first and a last line.
///
/// # Errors
/// Those of `work`.
pub(crate) fn loud_step<T>(what: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    println!("{what} …");
    let watch = Stopwatch::start();
    let outcome = work();
    match &outcome {
        Ok(_) => println!("{what}: {}\n", watch.read()),
        Err(_) => println!("{what}: failed after {}\n", watch.read()),
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rounded() {
        assert_eq!(Elapsed(Duration::from_millis(412)).to_string(), "0.4 s");
        assert_eq!(Elapsed(Duration::from_millis(9_960)).to_string(), "10 s");
        assert_eq!(Elapsed(Duration::from_millis(173_400)).to_string(), "173 s");
    }
}
