//! What each step must give and what it gave.

use std::fmt::Write as _;
use std::time::Duration;

use crate::seeds::cloud::{Cloud, Outcome};
use crate::step::Stopwatch;

/// How long a step may take until what it waits for has come true.
const PATIENCE: Duration = Duration::from_secs(180);

/// Characters of what a step gave that are shown.
const SHOWN: usize = 400;

/// Where a command comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// Literally in a seed.
    Seed,
    /// Literally in the workshop, at the page that the seed lost.
    Workshop,
    /// The command for a step that is taken in the console, or written for this test.
    Equivalent,
}

impl From {
    fn mark(self) -> &'static str {
        match self {
            Self::Seed => "[S]",
            Self::Workshop => "[W]",
            Self::Equivalent => "[E]",
        }
    }
}

/// The steps of one group.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// What is printed.
    pub(super) text: String,
    pub(super) passed: u64,
    pub(super) failed: Vec<String>,
    pub(super) not_applicable: u64,
}

impl Report {
    /// Runs the command once.
    ///
    /// # Errors
    /// The shell cannot be started. A step that gives something else than it must is no error: it is counted.
    pub(super) fn once<T>(
        &mut self,
        cloud: &Cloud,
        (id, from): (&str, From),
        command: &str,
        must: &str,
        check: impl Fn(&Outcome) -> Result<(T, String), String>,
    ) -> anyhow::Result<Option<T>> {
        let watch = Stopwatch::start();
        let given = check(&cloud.run(command)?);
        Ok(self.note(id, from.mark(), command, must, given, watch))
    }

    /// Runs the command again and again until it gives what it must.
    ///
    /// # Errors
    /// The shell cannot be started.
    pub(super) fn until<T>(
        &mut self,
        cloud: &Cloud,
        (id, from): (&str, From),
        command: &str,
        must: &str,
        check: impl Fn(&Outcome) -> Result<(T, String), String>,
    ) -> anyhow::Result<Option<T>> {
        let watch = Stopwatch::start();
        // A call takes half a second by itself, so asking again at once is no busy wait.
        let given = loop {
            let given = check(&cloud.run(command)?);
            if given.is_ok() || watch.read().0 > PATIENCE {
                break given;
            }
        };
        Ok(self.note(id, from.mark(), command, must, given, watch))
    }

    /// Writes a step down.
    pub(super) fn note<T>(
        &mut self,
        id: &str,
        mark: &str,
        command: &str,
        must: &str,
        given: Result<(T, String), String>,
        watch: Stopwatch,
    ) -> Option<T> {
        let (verdict, gave, value) = match given {
            Ok((value, gave)) => ("ok", gave, Some(value)),
            Err(gave) => ("FAILED", gave, None),
        };
        let gave: String = match gave.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", gave.get(..end).unwrap_or_default()),
            None => gave,
        };
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{id} {mark} {command}\n    must: {must}\n    gave: {gave}");
        let _ = writeln!(self.text, "    {verdict}, {}", watch.read());
        match value {
            Some(_) => self.passed += 1,
            None => self.failed.push(id.to_owned()),
        }
        value
    }

    /// Writes down a step that has no meaning here.
    pub(super) fn not_applicable(&mut self, id: &str, what: &str, because: &str) {
        let _ = writeln!(self.text, "{id} {what}\n    not applicable, because {because}");
        self.not_applicable += 1;
    }
}
