//! One step of a command: what it does, and how long that took.

use std::fmt;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Measures real time. The commands run outside the server, where no test turns the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a person waits for this command, so the time is the real one")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn read(self) -> Took {
        Took(self.0.elapsed())
    }
}

/// A duration as people read it: `0.4 s`, `12 s`, `173 s`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took(pub(crate) Duration);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        if seconds < 9.95 { write!(f, "{seconds:.1} s") } else { write!(f, "{seconds:.0} s") }
    }
}

/// Does `work` on one line: `Installing trunk 0.21.14 … 173 s`.
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

/// Does `work`, which itself prints many lines, between two lines of its own.
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
    fn durations_are_short_to_read() {
        assert_eq!(Took(Duration::from_millis(412)).to_string(), "0.4 s");
        assert_eq!(Took(Duration::from_millis(9_960)).to_string(), "10 s");
        assert_eq!(Took(Duration::from_millis(173_400)).to_string(), "173 s");
    }
}
