//! Input and output processing: `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`.

use serde_json::{Map, Value};

use super::{MAX_DATA_BYTES, MAX_DATA_DEPTH};
use crate::stepfunctions::language::{
    budget::{SizeLimit, is_within_depth},
    data::{Data, StateError},
    definition::{DataPath, ResultPath, State},
    host::Host,
    path::Path,
};

impl DataPath {
    /// The part of `$` that the path selects.
    pub(super) fn apply(&self, data: Data<'_>) -> Result<Value, StateError> {
        match self {
            Self::Nothing => Ok(Value::Object(Map::new())),
            Self::Whole => Ok(data.input.clone()),
            Self::At(path) => required(path, data),
        }
    }
}

/// The value that a path selects; an error in AWS's words if it selects nothing.
pub(super) fn required(path: &Path, data: Data<'_>) -> Result<Value, StateError> {
    match data.select(path) {
        Ok(value) => Ok(value.into_owned()),
        Err(missing) => Err(StateError::invalid_path(path, &missing)),
    }
}

impl ResultPath {
    /// The input with the result at the path.
    pub(super) fn merge(&self, input: &Value, result: Value) -> Result<Value, StateError> {
        match self {
            Self::Replace => Ok(result),
            Self::Discard => Ok(input.clone()),
            Self::At(path) => {
                let mut merged = input.clone();
                match path.place(&mut merged, result) {
                    Ok(()) => Ok(merged),
                    Err(message) => Err(StateError { error: "States.ResultPathMatchFailure", message }),
                }
            }
        }
    }
}

impl State {
    /// The effective input: the input after `InputPath` and `Parameters`.
    pub(super) fn effective_input(&self, raw: Data<'_>, host: &mut dyn Host) -> Result<Value, StateError> {
        let input = self.input_path.apply(raw)?;
        let effective = match &self.parameters {
            Some(template) => template.evaluate(raw.with_input(&input), host)?,
            None => input,
        };
        // Checked even without parameters: a path may select more than the input, and from the context object.
        parameters_that_fit(effective, &self.name)
    }

    /// The output of the state: `ResultSelector`, `ResultPath` and `OutputPath` applied to its result.
    pub(super) fn output(&self, raw: Data<'_>, result: Value, host: &mut dyn Host) -> Result<Value, StateError> {
        let result = match &self.result_selector {
            Some(template) => template.evaluate(raw.with_input(&result), host)?,
            None => result,
        };
        let merged = self.result_path.merge(raw.input, result)?;
        self.final_output(raw.with_input(&merged))
    }

    /// The output of a state without a result: `InputPath`, then `OutputPath`.
    pub(super) fn passed_through(&self, raw: Data<'_>) -> Result<Value, StateError> {
        let input = self.input_path.apply(raw)?;
        self.final_output(raw.with_input(&input))
    }

    fn final_output(&self, data: Data<'_>) -> Result<Value, StateError> {
        let output = self.output_path.apply(data)?;
        if is_within_limits(&output) { Ok(output) } else { Err(too_large(&self.name)) }
    }
}

/// Returns `parameters` unless they are too large.
pub(super) fn parameters_that_fit(parameters: Value, state: &str) -> Result<Value, StateError> {
    if is_within_limits(&parameters) {
        return Ok(parameters);
    }
    let limit = "provided parameters with a size exceeding the maximum number of bytes service limit.";
    Err(StateError { error: "States.DataLimitExceeded", message: format!("The state/task '{state}' {limit}") })
}

/// `States.DataLimitExceeded` for the result of a state or task.
pub(super) fn too_large(of: &str) -> StateError {
    let limit = "returned a result with a size exceeding the maximum number of bytes service limit.";
    StateError { error: "States.DataLimitExceeded", message: format!("The state/task '{of}' {limit}") }
}

/// Whether the value is within AWS's size limit and the nesting limit of the history.
pub(super) fn is_within_limits(value: &Value) -> bool {
    is_within_depth(value, MAX_DATA_DEPTH) && serde_json::to_writer(SizeLimit::of(MAX_DATA_BYTES), value).is_ok()
}
