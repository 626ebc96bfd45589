//! The expected and the actual result of each step.

use std::fmt::Write as _;
use std::time::Duration;

use crate::seeds::cloud::{Cloud, Outcome};
use crate::step::Stopwatch;

/// Time-out of a step that waits for a result.
const TIMEOUT: Duration = Duration::from_secs(180);

/// The maximum number of characters of an actual result that are printed.
const MAX_CHARS: usize = 400;

/// Where a command comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// Literally in a seed.
    Seed,
    /// Literally in the workshop, on a page that is missing in the seed.
    Workshop,
    /// The command for a step that the seed performs in the AWS console, or a command that was written for this test.
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
    /// The printed text.
    pub(super) text: String,
    pub(super) passed: u64,
    pub(super) failed: Vec<String>,
    pub(super) not_applicable: u64,
}

impl Report {
    /// Runs the command once.
    ///
    /// # Errors
    /// The shell cannot be started. A wrong result is not an error: it is counted.
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

    /// Repeats the command until its result is as expected.
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
        // A call takes half a second, so repeating it at once is no busy wait.
        let given = loop {
            let given = check(&cloud.run(command)?);
            if given.is_ok() || watch.read().0 > TIMEOUT {
                break given;
            }
        };
        Ok(self.note(id, from.mark(), command, must, given, watch))
    }

    /// Records a step.
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
        let gave: String = match gave.char_indices().nth(MAX_CHARS) {
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

    /// Records a step that is not applicable here.
    pub(super) fn not_applicable(&mut self, id: &str, what: &str, because: &str) {
        let _ = writeln!(self.text, "{id} {what}\n    not applicable, because {because}");
        self.not_applicable += 1;
    }
}
