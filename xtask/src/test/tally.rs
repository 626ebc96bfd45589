//! Adds up the results of the test runners.

use std::process::ExitStatus;

/// Tests that passed and failed, the names of checks that failed as a whole, and the parts that were skipped.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
    broken: Vec<String>,
    skipped: Vec<String>,
}

impl Tally {
    /// The counts of a part.
    pub(super) fn of(passed: u64, failed: u64) -> Self {
        Self { passed, failed, ..Self::default() }
    }

    /// A skipped part.
    pub(super) fn of_skipped(name: &str) -> Self {
        Self { skipped: vec![name.to_owned()], ..Self::default() }
    }

    /// A check that holds or fails as a whole.
    pub(super) fn of_check(name: &str, holds: bool) -> Self {
        if holds { Self::of(1, 0) } else { Self { failed: 1, broken: vec![name.to_owned()], ..Self::default() } }
    }

    pub(super) fn passed(&self) -> u64 {
        self.passed
    }

    pub(super) fn failed(&self) -> u64 {
        self.failed
    }

    pub(super) fn broken(&self) -> &[String] {
        &self.broken
    }

    pub(super) fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Counts each skipped part as a failure.
    pub(super) fn fail_skipped(&mut self) {
        for name in self.skipped.drain(..) {
            self.failed += 1;
            self.broken.push(format!("{name} (skipped, which continuous integration must not do)"));
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.broken.extend(other.broken);
        self.skipped.extend(other.skipped);
    }

    /// Reads one line of a runner. A line that is no summary counts nothing.
    pub(super) fn read(&mut self, line: &str) {
        let whole = plain(line);
        let line = whole.trim();
        if let Some((_, counts)) = whole.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) {
            // An indented line is output of a test about another program, and that test is counted itself.
            // cargo test: `test result: ok. 6 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`
            counts.split("; ").for_each(|part| self.count(part));
        } else if line.split_once(' ').is_some_and(|(number, _)| number.parse::<u64>().is_ok()) {
            // Playwright: `6 passed (12.3s)`, `2 failed`, `1 flaky`, `4 did not run`, each on its own line
            self.count(line);
        }
    }

    /// Adds the exit status of a runner. A runner that fails without a failed test counts as one failure.
    pub(super) fn ended(mut self, name: &str, status: ExitStatus) -> Self {
        if !status.success() && self.failed == 0 {
            self.failed = 1;
            self.broken.push(name.to_owned());
        }
        self
    }

    /// Parses `6 passed`, with optional text in brackets after it.
    fn count(&mut self, part: &str) {
        let Some((number, what)) = part.trim().split_once(' ') else { return };
        let Ok(number) = number.parse::<u64>() else { return };
        match what.split(" (").next().unwrap_or_default() {
            "passed" => self.passed += number,
            // A flaky test and one that did not run count as failed.
            "failed" | "timed out" | "exec failed" | "flaky" | "did not run" | "interrupted" => self.failed += number,
            _ => {}
        }
    }
}

/// The line without escape sequences of colours.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after.split_once(|letter: char| letter.is_ascii_alphabetic()).map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(lines: &[&str]) -> (u64, u64) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(line));
        (tally.passed, tally.failed)
    }

    #[test]
    fn the_output_of_a_program_that_a_test_shows_is_not_counted() {
        let shown = "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 8 filtered out";
        let own = "test result: FAILED. 366 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(counted(&[shown, own, shown]), (366, 1));
    }

    #[test]
    fn cargo_test_is_understood_over_several_binaries() {
        let lines = [
            "running 6 tests",
            "test result: ok. 6 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ];
        assert_eq!(counted(&lines), (7, 2));
    }

    #[test]
    fn playwright_is_understood_and_a_test_that_needed_luck_has_failed() {
        let lines = [
            "  ✓  1 [phone] › order.spec.ts:3:1 › an order (1.2s)",
            "  1 flaky",
            "  4 did not run",
            "  2 skipped",
            "  6 passed (12.3s)",
        ];
        assert_eq!(counted(&lines), (6, 5));
    }

    #[test]
    fn colours_do_not_hide_a_count() {
        assert_eq!(counted(&["\u{1b}[32m  6 passed\u{1b}[39m\u{1b}[2m (12.3s)\u{1b}[22m"]), (6, 0));
    }

    #[cfg(unix)]
    #[test]
    fn a_runner_that_breaks_before_its_tests_is_a_failure() {
        use std::os::unix::process::ExitStatusExt as _;
        let broken = Tally::default().ended("clippy", ExitStatus::from_raw(256));
        assert_eq!((broken.failed(), broken.broken()), (1, ["clippy".to_owned()].as_slice()));
        assert_eq!(Tally::default().ended("clippy", ExitStatus::from_raw(0)), Tally::default());
    }
}
