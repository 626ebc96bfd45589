//! The payload for a target: the whole event, a part of it, a constant, or a filled template.

use serde_json::Value;

use crate::{api::request, error::ApiError, eventbridge::input::path::at};

mod path;

/// How the payload is made.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    /// The whole event.
    Whole,
    /// `Input`: a constant JSON text.
    Constant(String),
    /// `InputPath`: the value at a path.
    Path(String),
    /// `InputTransformer`.
    Template { variables: Vec<(String, String)>, template: String },
}

/// The values of the predefined variables.
pub(super) struct InputContext<'a> {
    pub(super) rule_arn: &'a str,
    pub(super) rule_name: &'a str,
    /// When PutEvents received the event.
    pub(super) ingestion_time: &'a str,
}

/// The predefined variables of every template.
const PREDEFINED: [&str; 5] = [
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event.json",
    "aws.events.event",
];
/// Maximum number of variables in one template.
const MAX_VARIABLES: usize = 100;

impl Input {
    /// Reads the members of the target with this id. At most one of them may be given.
    pub(super) fn of(target: &Value, id: &str) -> Result<Self, ApiError> {
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
                Ok(Self::Path(part.to_owned()))
            }
            (None, None, Some(transformer)) => Self::template(transformer, id),
            _ => Err(ApiError::validation(format!(
                "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
            ))),
        }
    }

    fn template(transformer: &Value, id: &str) -> Result<Self, ApiError> {
        let template = request::text(transformer, "InputTemplate")?.to_owned();
        let mut variables = Vec::new();
        for (name, path) in transformer.get("InputPathsMap").and_then(Value::as_object).into_iter().flatten() {
            if name.to_ascii_lowercase().starts_with("aws") {
                return Err(invalid("InputTransformer", &format!("the variable {name} may not begin with AWS")));
            }
            if name.is_empty()
                || name.len() > 256
                || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
            {
                let reason = format!("the variable '{name}' must follow the pattern [A-Za-z0-9\\_\\-]+");
                return Err(invalid("InputTransformer", &reason));
            }
            let path = path.as_str().ok_or_else(|| invalid("InputTransformer", "each path must be a string"))?;
            path::check(path).map_err(|reason| invalid("InputTransformer", &reason))?;
            variables.push((name.clone(), path.to_owned()));
        }
        if variables.len() > MAX_VARIABLES {
            let rule = format!("Member must have length less than or equal to {MAX_VARIABLES}");
            let count = format!("{} paths", variables.len());
            return Err(request::constraint_violation(
                "targets.1.member.inputTransformer.inputPathsMap",
                &count,
                &rule,
            ));
        }
        let mut unknown = None;
        let sample = fill_template(&template, |name| {
            if !PREDEFINED.contains(&name) && !variables.iter().any(|(variable, _)| variable == name) {
                unknown.get_or_insert_with(|| name.to_owned());
            }
            Some(Replacement::Missing)
        });
        if let Some(unknown) = unknown {
            return Err(ApiError::validation(format!(
                "InputTemplate for target {id} contains invalid placeholder {unknown}."
            )));
        }
        // One JSON value, or several, one per line.
        let values = serde_json::Deserializer::from_str(&sample).into_iter::<serde::de::IgnoredAny>();
        if let Some(error) = values.filter_map(Result::err).next() {
            return Err(ApiError::validation(format!("Invalid InputTemplate for target {id} : {error}.")));
        }
        Ok(Self::Template { variables, template })
    }

    /// The payload for `event`, as JSON text.
    pub(super) fn render(&self, event: &Value, context: &InputContext<'_>) -> String {
        match self {
            Self::Whole => event.to_string(),
            Self::Constant(constant) => constant.clone(),
            Self::Path(path) => at(path, event).unwrap_or(Value::Null).to_string(),
            Self::Template { variables, template } => {
                fill_template(template, |name| lookup(name, variables, event, context))
            }
        }
    }
}

/// What replaces a placeholder.
enum Replacement {
    Value(Value),
    /// The event has no such value.
    Missing,
}

/// The value of a placeholder; `None` if there is no such variable.
fn lookup(
    name: &str,
    variables: &[(String, String)],
    event: &Value,
    context: &InputContext<'_>,
) -> Option<Replacement> {
    if let Some((_, path)) = variables.iter().find(|(variable, _)| variable == name) {
        return Some(at(path, event).map_or(Replacement::Missing, Replacement::Value));
    }
    Some(Replacement::Value(match name {
        "aws.events.rule-arn" => context.rule_arn.into(),
        "aws.events.rule-name" => context.rule_name.into(),
        "aws.events.event.ingestion-time" => context.ingestion_time.into(),
        "aws.events.event.json" => event.clone(),
        "aws.events.event" => without_detail(event),
        _ => return None,
    }))
}

/// The event without its detail, with the names and in the order that AWS uses here.
fn without_detail(event: &Value) -> Value {
    let names = ["id", "account", "detail-type", "time", "source", "region", "resources", "version"];
    let members = names.iter().filter_map(|name| {
        let key = if *name == "detail-type" { "detailType" } else { name };
        Some((key.to_owned(), event.get(*name)?.clone()))
    });
    Value::Object(members.collect())
}

/// Replaces each `<name>` by its value: as JSON outside quotes, as text inside.
fn fill_template(template: &str, mut value_of: impl FnMut(&str) -> Option<Replacement>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut quoted = false;
    let mut rest = template;
    while let Some(next) = rest.chars().next() {
        let placeholder = (next == '<')
            .then(|| rest.split_once('>'))
            .flatten()
            .and_then(|(open, behind)| Some((value_of(open.get(1..).filter(|name| is_name(name))?)?, behind)));
        if let Some((value, behind)) = placeholder {
            match (value, quoted) {
                (Replacement::Value(value), true) => filled.push_str(&inside_quotes(&value)),
                (Replacement::Value(value), false) => filled.push_str(&value.to_string()),
                (Replacement::Missing, true) => {}
                (Replacement::Missing, false) => filled.push_str("\"\""),
            }
            rest = behind;
            continue;
        }
        let mut length = next.len_utf8();
        match next {
            '"' => quoted = !quoted,
            '\\' if quoted => length += rest.chars().nth(1).map_or(0, char::len_utf8),
            _ => {}
        }
        let (copied, behind) = rest.split_at(length);
        filled.push_str(copied);
        rest = behind;
    }
    filled
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// A value inside a JSON string: a string without its quotes, anything else as JSON without any quotes.
fn inside_quotes(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string().replace('"', ""),
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

    fn payload(target: Value) -> String {
        let event = json!({ "version": "0", "id": "e", "detail-type": "t", "source": "s", "account": "1",
            "time": "2026-11-20T10:00:00Z", "region": "r", "resources": ["a", "b"],
            "detail": { "orderId": "1", "note": "say \"hi\"", "n": 2, "yes": true, "map": { "a": "b", "c": [1] },
                "list": ["x", "y"] } });
        let context = InputContext { rule_arn: "arn:rule", rule_name: "rule", ingestion_time: "2026-11-20T10:00:01Z" };
        Input::of(&target, "t1").unwrap().render(&event, &context)
    }

    fn render(target: Value) -> Value {
        serde_json::from_str(&payload(target)).unwrap()
    }

    fn transformed(template: &str) -> String {
        let paths = json!({ "id": "$.detail.orderId", "note": "$.detail.note", "n": "$.detail.n", "yes": "$.detail.yes",
            "map": "$.detail.map", "list": "$.detail.list", "none": "$.detail.nothing" });
        payload(json!({ "InputTransformer": { "InputPathsMap": paths, "InputTemplate": template } }))
    }

    fn refusal(target: Value) -> String {
        Input::of(&target, "t1").unwrap_err().message
    }

    #[test]
    fn a_path_selects_a_part_of_the_event() {
        assert_eq!(render(json!({ "InputPath": "$.detail.orderId" })), json!("1"));
        assert_eq!(render(json!({ "InputPath": "$.detail-type" })), json!("t"));
        assert_eq!(render(json!({ "InputPath": "$.resources[1]" })), json!("b"));
        assert_eq!(render(json!({ "InputPath": "$.detail['n']" })), json!(2));
        assert_eq!(render(json!({ "InputPath": "$.nothing" })), Value::Null);
    }

    #[test]
    fn a_template_is_filled_with_json_outside_quotes_and_with_text_inside() {
        assert_eq!(
            transformed(r#"{"id": <id>, "n": <n>, "map": <map>}"#),
            r#"{"id": "1", "n": 2, "map": {"a":"b","c":[1]}}"#
        );
        assert_eq!(transformed(r#""order <id>, <n>, <yes>""#), r#""order 1, 2, true""#);
        assert_eq!(transformed(r#""<note>""#), r#""say \"hi\"""#);
        // Observed behaviour of AWS: the inner JSON loses its quotes.
        assert_eq!(transformed(r#""<map> and <list>""#), r#""{a:b,c:[1]} and [x,y]""#);
        assert_eq!(transformed("\"<id> a\"\n\"<n> b\""), "\"1 a\"\n\"2 b\"");
    }

    #[test]
    fn missing_values_are_empty_strings() {
        assert_eq!(transformed(r#"{"a": <none>, "b": "x<none>y"}"#), r#"{"a": "", "b": "xy"}"#);
    }

    #[test]
    fn every_template_has_the_predefined_variables() {
        assert_eq!(
            transformed(r#""<aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>""#),
            r#""arn:rule rule 2026-11-20T10:00:01Z""#
        );
        assert_eq!(
            transformed("<aws.events.event>"),
            r#"{"id":"e","account":"1","detailType":"t","time":"2026-11-20T10:00:00Z","source":"s","region":"r","resources":["a","b"],"version":"0"}"#
        );
        assert!(transformed("<aws.events.event.json>").contains(r#""detail":{"orderId":"1""#));
    }

    #[test]
    fn a_template_that_cannot_be_filled_is_refused_with_the_target() {
        let with = |paths: Value, template: &str| {
            refusal(json!({ "InputTransformer": { "InputPathsMap": paths, "InputTemplate": template } }))
        };
        let unknown = "InputTemplate for target t1 contains invalid placeholder nobody.";
        assert_eq!(with(json!({}), r#""a <nobody>""#), unknown);
        assert!(
            with(json!({}), r#"{"a": <aws.events.rule-name>"#).starts_with("Invalid InputTemplate for target t1 : ")
        );
        assert!(with(json!({ "AWS.x": "$.id" }), "1").contains("may not begin with AWS"));
        assert!(with(json!({ "a b": "$.id" }), "1").contains("'a b'"));
        assert!(with(json!({ "a": "detail" }), "1").contains("must begin with $"));
        let many: Value = (0..101).map(|n| (format!("v{n}"), json!("$.id"))).collect();
        assert!(with(many, "1").contains("less than or equal to 100"));
        assert_eq!(transformed(r#""1 < 2 and <b c> stay""#), r#""1 < 2 and <b c> stay""#);
    }

    #[test]
    fn a_constant_that_is_not_json_and_two_inputs_at_once_are_refused() {
        assert!(refusal(json!({ "Input": "not json" })).contains("not JSON"));
        assert_eq!(
            refusal(json!({ "Input": "{}", "InputPath": "$.detail" })),
            "Only one of Input, InputPath, or InputTransformer must be provided for target t1."
        );
        assert!(refusal(json!({ "InputPath": "detail" })).contains("must begin with $"));
        for path in ["$.a[*]", "$..a", "$.a[?(@.b)]"] {
            assert!(refusal(json!({ "InputPath": path })).contains("not made of"), "{path}");
        }
    }
}
