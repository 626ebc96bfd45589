//! Names and ARNs of state machines and executions.

use crate::{error::ApiError, states::json_fault::JsonFault};

/// The largest input or output of an execution or a task, in bytes.
pub(super) const MAX_DATA_BYTES: usize = 262_144;

/// Whether AWS takes `name` for a machine or an execution; its length is for the model to judge.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    let refused = |c: char| c.is_whitespace() || c.is_control() || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    if name.contains(refused) {
        return Err(ApiError::client("InvalidName", format!("Invalid Name: '{name}'")));
    }
    Ok(())
}

/// What an ARN of this service names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    StateMachine,
    Execution,
    Activity,
}

/// The name of the machine that `arn` names. Versions and aliases, which this engine does not have, are not found.
pub(super) fn machine_name(arn: &str) -> Result<&str, ApiError> {
    match resource(arn)? {
        ("stateMachine", name) => Ok(name),
        (other, _) => Err(out_of_context(other)),
    }
}

/// Whether `arn` is that of an execution.
pub(super) fn check_execution_arn(arn: &str) -> Result<(), ApiError> {
    match resource(arn)? {
        ("execution", _) => Ok(()),
        (other, _) => Err(out_of_context(other)),
    }
}

/// What `arn` names.
pub(super) fn kind_of(arn: &str) -> Result<Kind, ApiError> {
    match resource(arn)? {
        ("stateMachine", _) => Ok(Kind::StateMachine),
        ("execution", _) => Ok(Kind::Execution),
        ("activity", _) => Ok(Kind::Activity),
        (other, _) => Err(out_of_context(other)),
    }
}

fn out_of_context(kind: &str) -> ApiError {
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

/// Whether `text` is JSON of a size that AWS takes; otherwise what AWS says is wrong with it.
pub(super) fn check_data(text: &str) -> Result<(), String> {
    if text.len() > MAX_DATA_BYTES {
        return Err(format!("it has {} bytes, at most {MAX_DATA_BYTES} are allowed", text.len()));
    }
    JsonFault::find(text).map_or(Ok(()), |fault| Err(fault.message))
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
    fn an_arn_of_another_kind_is_refused() {
        assert_eq!(machine_name("arn:aws:states:r:1:stateMachine:m"), Ok("m"));
        let message = |arn| machine_name(arn).unwrap_err().to_string();
        let context = "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'";
        assert_eq!(message("arn:aws:states:r:1:execution:m:e"), context);
        assert_eq!(message("m"), "InvalidArn: Invalid Arn: 'Invalid ARN prefix: m'");
        assert_eq!(check_execution_arn("arn:aws:states:r:1:execution:m:e"), Ok(()));
    }
}
