//! Warnings about definitions that are valid but probably not meant.

use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;

/// Fields whose members take a path if their names end in `.$`.
const TEMPLATES: [&str; 3] = ["Parameters", "ResultSelector", "ItemSelector"];

/// Fields that take a path if `Path` is appended to their name.
const LITERALS: [&str; 2] = ["Error", "Cause"];

/// The warnings about a valid definition.
pub(super) fn find(members: &Map<String, Value>) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    machine(members, "", &mut warnings);
    warnings
}

fn machine(members: &Map<String, Value>, location: &str, warnings: &mut Vec<Diagnostic>) {
    let states = members.get("States").and_then(Value::as_object).into_iter().flatten();
    for (name, state) in states {
        let Value::Object(fields) = state else { continue };
        let place = format!("{location}/States/{name}");
        self::state(fields, &place, warnings);
        let branches = fields.get("Branches").and_then(Value::as_array).into_iter().flatten().enumerate();
        let branches = branches.map(|(index, branch)| (branch, format!("{place}/Branches[{index}]")));
        let processors = ["ItemProcessor", "Iterator"]
            .into_iter()
            .filter_map(|name| Some((fields.get(name)?, format!("{place}/{name}"))));
        for (nested, below) in branches.chain(processors) {
            if let Value::Object(nested) = nested {
                machine(nested, &below, warnings);
            }
        }
    }
}

fn state(fields: &Map<String, Value>, place: &str, warnings: &mut Vec<Diagnostic>) {
    for name in TEMPLATES {
        if let Some(template) = fields.get(name) {
            template_without_dollar(template, &format!("{place}/{name}"), warnings);
        }
    }
    for name in LITERALS {
        if fields.get(name).is_some_and(is_computed) {
            let message = format!("The value of '{name}' looks like a path, but the name does not end with 'Path'");
            warnings.push(Diagnostic::warning("NO_PATH", message, format!("{place}/{name}")));
        }
    }
    if fields.get("Type").and_then(Value::as_str) == Some("Pass") && fields.get("Result").is_some_and(holds_computed) {
        let message = "The result of a Pass state is static: a path in it is not followed".to_owned();
        warnings.push(Diagnostic::warning("PASS_RESULT_IS_STATIC", message, format!("{place}/Result")));
    }
}

fn template_without_dollar(value: &Value, place: &str, warnings: &mut Vec<Diagnostic>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| !name.ends_with(".$")) {
                let place = format!("{place}/{name}");
                if is_computed(value) {
                    let message = format!(
                        "The value of '{name}' looks like a path or an intrinsic function, but the name does not end with '.$'"
                    );
                    warnings.push(Diagnostic::warning("NO_DOLLAR", message, place));
                } else {
                    template_without_dollar(value, &place, warnings);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                template_without_dollar(item, &format!("{place}[{index}]"), warnings);
            }
        }
        _ => {}
    }
}

fn holds_computed(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().any(holds_computed),
        Value::Array(items) => items.iter().any(holds_computed),
        scalar => is_computed(scalar),
    }
}

/// Whether a text looks like a path or an intrinsic function call.
fn is_computed(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        let path = text.trim_start_matches('$');
        let is_path = path.len() < text.len() && (path.is_empty() || path.starts_with(['.', '[']));
        is_path || (text.starts_with("States.") && text.contains('('))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn literal_values_that_look_like_paths_get_a_warning() {
        let definition = json!({ "StartAt": "P", "States": {
            "P": { "Type": "Pass", "Result": { "a": ["$.x"] }, "Next": "M" },
            "M": { "Type": "Map", "ItemSelector": { "a": "$.x", "b.$": "$.x", "c": { "d": "States.UUID()" } },
                "ItemProcessor": { "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "$$.State.Name" } } },
                "End": true },
        } });
        let found: Vec<(&str, String)> =
            find(definition.as_object().unwrap()).into_iter().map(|one| (one.code, one.location.unwrap())).collect();
        let expected = [
            ("PASS_RESULT_IS_STATIC", "/States/P/Result"),
            ("NO_DOLLAR", "/States/M/ItemSelector/a"),
            ("NO_DOLLAR", "/States/M/ItemSelector/c/d"),
            ("NO_PATH", "/States/M/ItemProcessor/States/F/Error"),
        ];
        assert_eq!(found, expected.map(|(code, place)| (code, place.to_owned())));
    }

    #[test]
    fn a_dollar_amount_is_not_a_path() {
        let state = json!({ "Type": "Pass", "Parameters": { "price": "$4", "word": "States", "sign": "US$" } });
        let definition = json!({ "StartAt": "P", "States": { "P": state } });
        assert_eq!(find(definition.as_object().unwrap()), []);
    }
}
