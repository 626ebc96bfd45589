//! Names and ARNs of state machines and executions.

use sha2::{Digest, Sha256};

use crate::{
    error::ApiError,
    stepfunctions::language::{execution::MAX_DATA_DEPTH, json_syntax::JsonSyntaxError},
};

/// Maximum size of the input or output of an execution or a task, in bytes.
pub(super) const MAX_DATA_BYTES: usize = 262_144;

/// Checks the characters of a name. Its length is checked by its shape.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    let refused = |c: char| c.is_whitespace() || c.is_control() || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    if name.contains(refused) {
        return Err(ApiError::client("InvalidName", format!("Invalid Name: '{name}'")));
    }
    Ok(())
}

/// The kind of resource that an ARN names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResourceKind {
    StateMachine,
    Execution,
    Activity,
}

/// The name of the state machine with this ARN. Versions and aliases, which this engine does not have, are not found.
pub(super) fn machine_name(arn: &str) -> Result<&str, ApiError> {
    match resource(arn)? {
        ("stateMachine", name) => Ok(name),
        (other, _) => Err(wrong_resource_type(other)),
    }
}

/// Checks that `arn` is the ARN of an execution.
pub(super) fn check_execution_arn(arn: &str) -> Result<(), ApiError> {
    match resource(arn)? {
        ("execution", _) => Ok(()),
        (other, _) => Err(wrong_resource_type(other)),
    }
}

/// The error for an execution that does not exist.
pub(super) fn execution_not_found(arn: &str) -> ApiError {
    ApiError::client("ExecutionDoesNotExist", format!("Execution Does Not Exist: '{arn}'"))
}

/// The indexed hash of an execution ARN, which keeps the index small. Two ARNs may have the same hash, so queries also
/// compare the ARN. Part of the file format.
pub(super) fn arn_hash(arn: &str) -> i64 {
    let digest = Sha256::digest(arn.as_bytes());
    digest.first_chunk().map_or(0, |first| i64::from_be_bytes(*first))
}

/// The kind of resource that `arn` names.
pub(super) fn kind_of(arn: &str) -> Result<ResourceKind, ApiError> {
    match resource(arn)? {
        ("stateMachine", _) => Ok(ResourceKind::StateMachine),
        ("execution", _) => Ok(ResourceKind::Execution),
        ("activity", _) => Ok(ResourceKind::Activity),
        (other, _) => Err(wrong_resource_type(other)),
    }
}

fn wrong_resource_type(kind: &str) -> ApiError {
    ApiError::client("InvalidArn", format!("Invalid Arn: 'Resource type not valid in this context: {kind}'"))
}

/// The type and the name of the resource.
fn resource(arn: &str) -> Result<(&str, &str), ApiError> {
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    match parts.as_slice() {
        ["arn", _, "states", _, _, kind, name] if !name.is_empty() => Ok((kind, name)),
        _ => Err(ApiError::client("InvalidArn", format!("Invalid Arn: 'Invalid ARN prefix: {arn}'"))),
    }
}

/// Checks that `text` is JSON within AWS's limits; the error is worded as in AWS.
pub(super) fn check_data(text: &str) -> Result<(), String> {
    if text.len() > MAX_DATA_BYTES {
        return Err(format!("it has {} bytes, at most {MAX_DATA_BYTES} are allowed", text.len()));
    }
    if let Some(fault) = JsonSyntaxError::find(text) {
        return Err(fault.message);
    }
    if depth(text) > MAX_DATA_DEPTH {
        return Err(format!("it is nested deeper than {MAX_DATA_DEPTH} levels"));
    }
    Ok(())
}

/// The nesting depth of a JSON text.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_aws() {
        for good in ["order-1", "a_b.c", "5b1c_6d2e", "Käse"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in ["a b", "a/b", "a:b", "a*", "a\u{1f}", "a\u{85}"] {
            assert_eq!(check_name(bad).unwrap_err().code, "InvalidName", "{bad}");
        }
    }

    #[test]
    fn data_nested_too_deeply_is_refused() {
        let nested = |levels: usize| format!("{}\"[[\\\"[\"{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(check_data(&nested(MAX_DATA_DEPTH)), Ok(()));
        assert!(check_data(&nested(MAX_DATA_DEPTH + 1)).unwrap_err().contains("nested deeper"));
        assert!(check_data(&nested(100_000)).is_err());
    }

    #[test]
    fn an_arn_of_another_kind_is_refused() {
        assert_eq!(machine_name("arn:aws:states:r:1:stateMachine:m"), Ok("m"));
        let message = |arn| machine_name(arn).unwrap_err().to_string();
        let context = "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'";
        assert_eq!(message("arn:aws:states:r:1:execution:m:e"), context);
        assert_eq!(message("m"), "InvalidArn: Invalid Arn: 'Invalid ARN prefix: m'");
        assert_eq!(check_execution_arn("arn:aws:states:r:1:execution:m:e"), Ok(()));
    }
}
