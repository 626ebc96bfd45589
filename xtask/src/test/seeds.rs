//! The example systems of the seeds, with the AWS CLI.

use crate::paths::Paths;
use crate::seeds::{self, Counts};
use crate::step::loud_step;

use super::tally::Tally;

/// The name of the part in the output.
pub(super) const NAME: &str = "The systems of the seeds";

/// Runs all groups, or those that `groups` names.
pub(super) fn run(paths: &Paths, groups: &[String]) -> anyhow::Result<Tally> {
    let Counts { passed, failed } = loud_step(NAME, || seeds::run(paths, groups))?;
    Ok(Tally::of(passed, failed))
}
