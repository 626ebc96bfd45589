//! Steps that executions have to take.

use crate::stepfunctions::language::host::Stimulus;

/// A step that an execution has to take.
#[derive(Debug)]
pub(crate) struct PendingStep {
    /// The row of the execution.
    pub(crate) execution: i64,
    pub(crate) stimulus: Stimulus,
}
