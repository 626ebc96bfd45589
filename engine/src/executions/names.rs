//! Names and ARNs of state machines and executions.

use crate::error::ApiError;

/// The longest name of a machine or an execution.
const LONGEST_NAME: usize = 80;
/// The largest input or output of an execution or a task, in bytes.
pub(super) const MAX_DATA_BYTES: usize = 262_144;

/// Whether AWS takes `name` for a machine or an execution.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    let refused = |c: char| c.is_whitespace() || c.is_control() || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(refused) {
        return Err(ApiError::client("InvalidName", format!("Invalid Name: '{name}'")));
    }
    Ok(())
}

/// The name of the machine that `arn` names. Versions and aliases, which this engine does not have, are not found.
pub(super) fn machine_name(arn: &str) -> Result<&str, ApiError> {
    resource(arn, "stateMachine")
}

/// The two names in the ARN of an execution: the machine's and its own.
pub(super) fn check_execution_arn(arn: &str) -> Result<(), ApiError> {
    resource(arn, "execution").map(drop)
}

fn resource<'a>(arn: &'a str, kind: &str) -> Result<&'a str, ApiError> {
    let invalid = |reason: &str| ApiError::client("InvalidArn", format!("Invalid Arn: '{reason}: {arn}'"));
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    match parts.as_slice() {
        ["arn", _, "states", _, _, found, name] if *found == kind && !name.is_empty() => Ok(name),
        ["arn", _, "states", ..] => Err(invalid("Resource type not valid in this context")),
        _ => Err(invalid("Invalid ARN prefix")),
    }
}

/// Whether `text` is JSON of a size that AWS takes.
pub(super) fn check_data(text: &str) -> Result<(), String> {
    if text.len() > MAX_DATA_BYTES {
        return Err(format!("it has {} bytes, at most {MAX_DATA_BYTES} are allowed", text.len()));
    }
    serde_json::from_str::<serde::de::IgnoredAny>(text).map(drop).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_aws() {
        for good in ["order-1", "a_b.c", "5b1c_6d2e", "Käse"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in ["", "a b", "a/b", "a:b", "a*", &"x".repeat(81)] {
            assert_eq!(check_name(bad).unwrap_err().code, "InvalidName", "{bad}");
        }
    }

    #[test]
    fn an_arn_of_another_kind_is_refused() {
        assert_eq!(machine_name("arn:aws:states:r:1:stateMachine:m"), Ok("m"));
        assert_eq!(machine_name("arn:aws:states:r:1:execution:m:e").unwrap_err().code, "InvalidArn");
        assert_eq!(machine_name("m").unwrap_err().code, "InvalidArn");
        assert_eq!(check_execution_arn("arn:aws:states:r:1:execution:m:e"), Ok(()));
    }
}
