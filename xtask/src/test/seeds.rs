//! The systems of the seeds, with the AWS command line.

use crate::paths::Paths;
use crate::seeds::{self, Counts};
use crate::step::loud_step;

use super::tally::Tally;

/// What the part is called in the output.
pub(super) const NAME: &str = "The systems of the seeds";

/// Runs all groups, or those that `groups` names.
pub(super) fn run(paths: &Paths, groups: &[String]) -> anyhow::Result<Tally> {
    let Counts { passed, failed } = loud_step(NAME, || seeds::run(paths, groups))?;
    Ok(Tally::of(passed, failed))
}
