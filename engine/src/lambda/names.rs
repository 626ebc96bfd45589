//! Function names.

use crate::{
    api::{context::Context, request},
    error::ApiError,
    lambda::api_error::{invalid, not_found},
};

/// The bare name in `name`, `function:name`, `arn:aws:lambda:region:account:function:name`, each with or without a
/// version or alias at the end.
pub(crate) fn function_name(name: &str) -> &str {
    let behind = name.rsplit_once("function:").map_or(name, |(_, behind)| behind);
    behind.split(':').next().unwrap_or(behind)
}

/// The function name in a request, given as a name, as `account:function:name` or as an ARN. This engine has no
/// versions and no aliases; only `$LATEST` is found.
pub(super) fn validate_name<'r>(
    context: &Context,
    given: &'r str,
    qualifier: Option<&str>,
) -> Result<&'r str, ApiError> {
    let name = function_name(given);
    let is_good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(is_good) {
        let pattern = "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?\
                       (function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";
        let rule = format!("Member must satisfy regular expression pattern: {pattern}");
        return Err(request::constraint_violation("functionName", given, &rule));
    }
    if let Some(region) = given.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2))
        && region != context.account.region
    {
        let here = &context.account.region;
        let message = format!("Functions from '{region}' are not reachable in this region ('{here}')");
        return Err(not_found(message));
    }
    let behind = given.rsplit_once("function:").map_or(given, |(_, behind)| behind);
    let inline = behind.split_once(':').map(|(_, qualifier)| qualifier);
    if let (Some(inline), Some(qualifier)) = (inline, qualifier)
        && inline != qualifier
    {
        return Err(invalid("The derived qualifier from the function name does not match the specified qualifier."));
    }
    match inline.or(qualifier) {
        None | Some("$LATEST") => Ok(name),
        Some(other) => {
            let arn = context.arn("lambda", format_args!("function:{name}:{other}"));
            Err(not_found(format!("Function not found: {arn}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_by_name_and_by_arn() {
        for spelling in ["f", "function:f", "arn:aws:lambda:eu-west-1:000000000000:function:f", "f:$LATEST"] {
            assert_eq!(function_name(spelling), "f", "{spelling}");
        }
    }
}
