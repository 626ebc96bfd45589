//! Converts member names: `stateMachineArn` on the wire is `StateMachineArn` in a workflow.

use serde_json::{Map, Value};

use crate::clock::Timestamp;

/// Members whose value is JSON text. A workflow may give them as JSON.
const TEXTS: [&str; 4] = ["input", "output", "definition", "cause"];

/// The wire request for the parameters of a workflow.
pub(super) fn to_request(parameters: &Value) -> Value {
    let Value::Object(members) = parameters else { return parameters.clone() };
    let members = members.iter().map(|(name, value)| {
        let name = first_letter(name, |first| first.to_ascii_lowercase());
        let value = match value {
            Value::String(_) | Value::Null => value.clone(),
            json if TEXTS.contains(&name.as_str()) => Value::String(json.to_string()),
            other => to_request(other),
        };
        (name, value)
    });
    Value::Object(members.collect())
}

/// A wire response as a workflow sees it. Times become text.
pub(super) fn to_result(answer: Value) -> Value {
    match answer {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let value = match value.as_f64() {
                    Some(seconds) if name.ends_with("Date") || name == "timestamp" => {
                        Value::String(Timestamp((seconds * 1000.0).round() as i64).rfc3339_millis())
                    }
                    _ => to_result(value),
                };
                (first_letter(&name, |first| first.to_ascii_uppercase()), value)
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(to_result).collect()),
        scalar => scalar,
    }
}

fn first_letter(name: &str, change: impl Fn(char) -> char) -> String {
    let mut letters = name.chars();
    letters.next().map(change).into_iter().chain(letters).collect()
}

/// The operation name of an action: `getItem` is `GetItem`.
pub(super) fn operation_name(action: &str) -> String {
    first_letter(action, |first| first.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_and_results_change_their_first_letters() {
        assert_eq!(
            to_request(&json!({ "StateMachineArn": "a", "Output": { "A": 1 }, "MaxResults": 3 })),
            json!({ "stateMachineArn": "a", "output": "{\"A\":1}", "maxResults": 3 })
        );
        assert_eq!(
            to_result(json!({ "executions": [{ "executionArn": "a", "startDate": 1.5 }] })),
            json!({ "Executions": [{ "ExecutionArn": "a", "StartDate": "1970-01-01T00:00:01.500Z" }] })
        );
    }
}
