//! What a target receives: the whole event, a part of it, a constant, or a template filled from it.

use serde_json::{Map, Value};

use crate::{error::ApiError, events::input::path::at, request};

mod path;

/// How a target's input is made.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    /// The event as it is.
    Whole,
    /// `Input`: a constant.
    Constant(String),
    /// `InputPath`.
    Part(String),
    /// `InputTransformer`.
    Template { variables: Vec<(String, String)>, template: String },
}

/// What a template may name besides its own variables.
pub(super) struct About<'a> {
    pub(super) rule_arn: &'a str,
    pub(super) rule_name: &'a str,
}

impl Input {
    /// Reads the members of a target. At most one of them may be given.
    pub(super) fn of(target: &Value) -> Result<Self, ApiError> {
        let constant = request::optional_text(target, "Input")?;
        let part = request::optional_text(target, "InputPath")?;
        let transformer = target.get("InputTransformer").filter(|transformer| !transformer.is_null());
        match (constant, part, transformer) {
            (None, None, None) => Ok(Self::Whole),
            (Some(constant), None, None) => {
                serde_json::from_str::<serde::de::IgnoredAny>(constant)
                    .map_err(|error| invalid("Input", &format!("it is not JSON: {error}")))?;
                Ok(Self::Constant(constant.to_owned()))
            }
            (None, Some(part), None) => {
                path::check(part).map_err(|reason| invalid("InputPath", &reason))?;
                Ok(Self::Part(part.to_owned()))
            }
            (None, None, Some(transformer)) => Self::template(transformer),
            _ => Err(ApiError::validation("Only one of Input, InputPath, or InputTransformer must be provided.")),
        }
    }

    fn template(transformer: &Value) -> Result<Self, ApiError> {
        let template = request::text(transformer, "InputTemplate")?.to_owned();
        let mut variables = Vec::new();
        for (name, place) in transformer.get("InputPathsMap").and_then(Value::as_object).into_iter().flatten() {
            if name.to_ascii_lowercase().starts_with("aws") {
                return Err(invalid("InputTransformer", &format!("the variable {name} may not begin with AWS")));
            }
            let place = place.as_str().ok_or_else(|| invalid("InputTransformer", "each path must be a string"))?;
            path::check(place).map_err(|reason| invalid("InputTransformer", &reason))?;
            variables.push((name.clone(), place.to_owned()));
        }
        Ok(Self::Template { variables, template })
    }

    /// The payload for `event`, as JSON text.
    pub(super) fn render(&self, event: &Value, about: &About<'_>) -> String {
        match self {
            Self::Whole => event.to_string(),
            Self::Constant(constant) => constant.clone(),
            Self::Part(place) => at(place, event).unwrap_or(Value::Null).to_string(),
            Self::Template { variables, template } => fill(template, |name| lookup(name, variables, event, about)),
        }
    }
}

/// The value of a placeholder; `None` when it is none, so that `<b>` in a text stays as it is.
fn lookup(name: &str, variables: &[(String, String)], event: &Value, about: &About<'_>) -> Option<Value> {
    if let Some((_, place)) = variables.iter().find(|(variable, _)| variable == name) {
        return Some(at(place, event).unwrap_or(Value::Null));
    }
    match name {
        "aws.events.rule-arn" => Some(about.rule_arn.into()),
        "aws.events.rule-name" => Some(about.rule_name.into()),
        "aws.events.event.ingestion-time" => event.get("time").cloned(),
        "aws.events.event.json" => Some(event.clone()),
        "aws.events.event" => {
            let members: Map<String, Value> = event.as_object().cloned().unwrap_or_default();
            Some(Value::Object(members.into_iter().filter(|(name, _)| name != "detail").collect()))
        }
        _ => None,
    }
}

/// Puts values in the place of `<name>`: as JSON outside quotes, as text inside.
fn fill(template: &str, value_of: impl Fn(&str) -> Option<Value>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut quoted = false;
    let mut rest = template;
    while let Some(next) = rest.chars().next() {
        let placeholder = (next == '<')
            .then(|| rest.split_once('>'))
            .flatten()
            .and_then(|(open, behind)| Some((value_of(open.get(1..)?)?, behind)));
        if let Some((value, behind)) = placeholder {
            if quoted {
                filled.push_str(&inside_quotes(&value))
            } else {
                filled.push_str(&value.to_string())
            }
            rest = behind;
            continue;
        }
        let mut taken = next.len_utf8();
        match next {
            '"' => quoted = !quoted,
            '\\' if quoted => taken += rest.chars().nth(1).map_or(0, char::len_utf8),
            _ => {}
        }
        let (copied, behind) = rest.split_at(taken);
        filled.push_str(copied);
        rest = behind;
    }
    filled
}

/// A value as part of a JSON string: text without its quotes, anything else as its JSON, escaped.
fn inside_quotes(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let quoted = Value::String(text).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned()
}

fn invalid(member: &str, reason: &str) -> ApiError {
    ApiError::validation(format!("Parameter {member} is not valid. Reason: {reason}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn render(target: Value) -> Value {
        let event = json!({ "detail-type": "t", "time": "2026-11-20T10:00:00Z", "resources": ["a", "b"],
            "detail": { "orderId": "1", "note": "say \"hi\"", "n": 2 } });
        let about = About { rule_arn: "arn:rule", rule_name: "rule" };
        serde_json::from_str(&Input::of(&target).unwrap().render(&event, &about)).unwrap()
    }

    #[test]
    fn a_path_takes_a_part_of_the_event() {
        assert_eq!(render(json!({ "InputPath": "$.detail.orderId" })), json!("1"));
        assert_eq!(render(json!({ "InputPath": "$.detail-type" })), json!("t"));
        assert_eq!(render(json!({ "InputPath": "$.resources[1]" })), json!("b"));
        assert_eq!(render(json!({ "InputPath": "$.detail['n']" })), json!(2));
        assert_eq!(render(json!({ "InputPath": "$.nothing" })), Value::Null);
    }

    #[test]
    fn a_template_is_filled_inside_and_outside_quotes() {
        let template = r#"{"id": <id>, "text": "order <id>, <note>, a <b>", "n": <n>, "rule": <aws.events.rule-name>}"#;
        let paths = json!({ "id": "$.detail.orderId", "note": "$.detail.note", "n": "$.detail.n" });
        assert_eq!(
            render(json!({ "InputTransformer": { "InputPathsMap": paths, "InputTemplate": template } })),
            json!({ "id": "1", "text": "order 1, say \"hi\", a <b>", "n": 2, "rule": "rule" })
        );
    }

    #[test]
    fn a_constant_that_is_not_json_and_two_inputs_at_once_are_refused() {
        assert!(Input::of(&json!({ "Input": "not json" })).is_err());
        assert!(Input::of(&json!({ "Input": "{}", "InputPath": "$.detail" })).is_err());
        assert!(Input::of(&json!({ "InputPath": "detail" })).is_err());
    }
}
