//! The systems of the seeds, with the AWS command line.

use crate::args::Part;
use crate::paths::Paths;
use crate::seeds::{self, Counts};
use crate::{prepare, step::loud_step};

use super::tally::Tally;

pub(super) fn run(paths: &Paths, part: Part, arguments: &[String]) -> anyhow::Result<Tally> {
    // Whoever asks for everything need not have Python for it; whoever asks for this must.
    if part == Part::All
        && let Err(missing) = prepare::aws_tools(paths)
    {
        println!("SKIPPED: the systems of the seeds were not tried. {missing:#}\n");
        return Ok(Tally::default());
    }
    let groups = if part == Part::Seeds { arguments } else { &[] };
    let Counts { passed, failed } = loud_step("The systems of the seeds", || seeds::run(paths, groups))?;
    Ok(Tally::of(passed, failed))
}
