//! Input and output processing: `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`.

use serde_json::{Map, Value};

use super::{MAX_DATA_BYTES, MAX_DATA_DEPTH};
use crate::stepfunctions::language::{
    budget::{Room, is_within_depth},
    data::{Data, StateError},
    definition::{DataPath, ResultPath, State},
    host::Host,
    path::Path,
};

impl DataPath {
    /// What the path leaves of `$`.
    pub(super) fn apply(&self, data: Data<'_>) -> Result<Value, StateError> {
        match self {
            Self::Nothing => Ok(Value::Object(Map::new())),
            Self::Whole => Ok(data.input.clone()),
            Self::At(path) => required(path, data),
        }
    }
}

/// What a path selects, or AWS's words for a path that leads nowhere.
pub(super) fn required(path: &Path, data: Data<'_>) -> Result<Value, StateError> {
    match data.select(path) {
        Ok(value) => Ok(value.into_owned()),
        Err(missing) => Err(StateError::invalid_path(path, &missing)),
    }
}

impl ResultPath {
    /// The raw input with the result put where the path says.
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
    /// The effective input: the raw input after `InputPath` and `Parameters`.
    pub(super) fn effective_input(&self, raw: Data<'_>, host: &mut dyn Host) -> Result<Value, StateError> {
        let input = self.input_path.apply(raw)?;
        let effective = match &self.parameters {
            Some(template) => template.evaluate(raw.with_input(&input), host)?,
            None => input,
        };
        // Without parameters too: a path may select more than it was given, and from the context object.
        parameters_that_fit(effective, &self.name)
    }

    /// The state's output: `ResultSelector`, `ResultPath` and `OutputPath` applied to its result.
    pub(super) fn output(&self, raw: Data<'_>, result: Value, host: &mut dyn Host) -> Result<Value, StateError> {
        let result = match &self.result_selector {
            Some(template) => template.evaluate(raw.with_input(&result), host)?,
            None => result,
        };
        let merged = self.result_path.merge(raw.input, result)?;
        self.final_output(raw.with_input(&merged))
    }

    /// The output of a state that passes its input on: `InputPath`, then `OutputPath`.
    pub(super) fn passed_on(&self, raw: Data<'_>) -> Result<Value, StateError> {
        let input = self.input_path.apply(raw)?;
        self.final_output(raw.with_input(&input))
    }

    fn final_output(&self, data: Data<'_>) -> Result<Value, StateError> {
        let output = self.output_path.apply(data)?;
        if fits(&output) { Ok(output) } else { Err(too_large(&self.name)) }
    }
}

/// What `Parameters` or `ItemSelector` gave, unless it is too large.
pub(super) fn parameters_that_fit(parameters: Value, state: &str) -> Result<Value, StateError> {
    if fits(&parameters) {
        return Ok(parameters);
    }
    let limit = "provided parameters with a size exceeding the maximum number of bytes service limit.";
    Err(StateError { error: "States.DataLimitExceeded", message: format!("The state/task '{state}' {limit}") })
}

/// `States.DataLimitExceeded` for what this state or task returned.
pub(super) fn too_large(of: &str) -> StateError {
    let limit = "returned a result with a size exceeding the maximum number of bytes service limit.";
    StateError { error: "States.DataLimitExceeded", message: format!("The state/task '{of}' {limit}") }
}

/// Whether the value's JSON is within AWS's limit, and no deeper than the history can be read again.
pub(super) fn fits(value: &Value) -> bool {
    is_within_depth(value, MAX_DATA_DEPTH) && serde_json::to_writer(Room::of(MAX_DATA_BYTES), value).is_ok()
}
