//! Payload templates (`Parameters`, `ResultSelector`, `ItemSelector`), and fields computed by a path or a function
//! call.

use serde_json::{Map, Value};

use super::{
    budget::Budget,
    data::{Data, StateError},
    host::Host,
    intrinsic::Call,
    path::Path,
};

/// A JSON value in which members named `….$` are computed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Template {
    Literal(Value),
    Object(Vec<Member>),
    Array(Vec<Template>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Member {
    /// The name and the nested template.
    Plain(String, Template),
    /// The name with its `.$`, and the expression.
    Computed(String, Expression),
}

/// A path or an intrinsic function call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Path(Path),
    Call(Call),
}

impl Expression {
    /// Parses `$.a`, `$$.b` or `States.F(…)`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with('$') { Path::parse(text).map(Self::Path) } else { Call::parse(text).map(Self::Call) }
    }

    /// The value for the field of this name.
    pub(super) fn evaluate(&self, field: &str, data: Data<'_>, host: &mut dyn Host) -> Result<Value, StateError> {
        self.evaluate_within(&mut Budget::default(), field, data, host)
    }

    fn evaluate_within(
        &self,
        budget: &mut Budget,
        field: &str,
        data: Data<'_>,
        host: &mut dyn Host,
    ) -> Result<Value, StateError> {
        match self {
            Self::Path(path) => {
                let value = data.select(path).map_err(|_| StateError::field(path, field, data))?;
                budget.spend(&value).map_err(|_| StateError::data_limit(field))?;
                Ok(value.into_owned())
            }
            Self::Call(call) => call.evaluate_within(budget, field, data, host),
        }
    }
}

impl Template {
    /// Parses a template; the error contains the name of the field and the reason.
    pub(super) fn parse(value: &Value) -> Result<Self, (String, String)> {
        Ok(match value {
            Value::Object(members) => {
                let members =
                    members.iter().map(|(name, value)| Member::parse(name, value)).collect::<Result<Vec<_>, _>>()?;
                let is_literal = |member: &Member| matches!(member, Member::Plain(_, Self::Literal(_)));
                if members.iter().all(is_literal) { Self::Literal(value.clone()) } else { Self::Object(members) }
            }
            Value::Array(items) => {
                let items = items.iter().map(Self::parse).collect::<Result<Vec<_>, _>>()?;
                let is_literal = |item: &Self| matches!(item, Self::Literal(_));
                if items.iter().all(is_literal) { Self::Literal(value.clone()) } else { Self::Array(items) }
            }
            _ => Self::Literal(value.clone()),
        })
    }

    /// Evaluates the template.
    pub(super) fn evaluate(&self, data: Data<'_>, host: &mut dyn Host) -> Result<Value, StateError> {
        self.evaluate_within(&mut Budget::default(), data, host)
    }

    fn evaluate_within(&self, budget: &mut Budget, data: Data<'_>, host: &mut dyn Host) -> Result<Value, StateError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Array(items) => items.iter().map(|item| item.evaluate_within(budget, data, host)).collect(),
            Self::Object(members) => {
                let mut object = Map::with_capacity(members.len());
                for member in members {
                    match member {
                        Member::Plain(name, template) => {
                            object.insert(name.clone(), template.evaluate_within(budget, data, host)?);
                        }
                        Member::Computed(field, expression) => {
                            let name = field.strip_suffix(".$").unwrap_or(field);
                            object.insert(name.to_owned(), expression.evaluate_within(budget, field, data, host)?);
                        }
                    }
                }
                Ok(Value::Object(object))
            }
        }
    }
}

impl Member {
    fn parse(name: &str, value: &Value) -> Result<Self, (String, String)> {
        if !name.ends_with(".$") {
            return Ok(Self::Plain(name.to_owned(), Template::parse(value)?));
        }
        let refuse = |reason: String| {
            let rule = "must be a valid JSONPath or a valid intrinsic function call";
            (name.to_owned(), format!("The value for the field '{name}' {rule}: {reason}"))
        };
        let text = value.as_str().ok_or_else(|| refuse("it is not a string".to_owned()))?;
        Ok(Self::Computed(name.to_owned(), Expression::parse(text).map_err(refuse)?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stepfunctions::language::testing::{ScriptedHost, data_of};

    #[test]
    fn only_members_in_dollar_are_computed_and_at_any_depth() {
        let template = Template::parse(&json!({
            "Entries": [{ "Detail": { "userId.$": "$.user", "Message": "$.user" }, "n.$": "States.MathAdd(1, $.n)" }],
            "all.$": "$",
            "zero": 0,
        }));
        let input = json!({ "user": "1", "n": 2 });
        let filled = data_of(&input, |data| template.unwrap().evaluate(data, &mut ScriptedHost::default()));
        let expected = json!({
            "Entries": [{ "Detail": { "userId": "1", "Message": "$.user" }, "n": 3 }], "all": input, "zero": 0,
        });
        assert_eq!(filled, Ok(expected));
    }

    #[test]
    fn a_missing_path_names_the_field_the_path_and_the_input() {
        let template = Template::parse(&json!({ "a": { "userId.$": "$.detail.userId" } })).unwrap();
        let error = data_of(&json!({ "Error": "x" }), |data| template.evaluate(data, &mut ScriptedHost::default()));
        assert_eq!(
            error.unwrap_err(),
            StateError::runtime(
                "The JSONPath '$.detail.userId' specified for the field 'userId.$' could not be found in the input \
                 '{\"Error\":\"x\"}'"
            )
        );
    }

    #[test]
    fn a_dollar_member_must_be_a_path_or_a_call() {
        for value in [json!(1), json!("plain"), json!("$.a["), json!("States.No()")] {
            let (field, message) = Template::parse(&json!({ "x.$": value })).unwrap_err();
            assert_eq!(field, "x.$");
            assert!(message.contains("must be a valid JSONPath or a valid intrinsic function call"), "{message}");
        }
    }

    #[test]
    fn intermediate_data_of_a_template_is_limited() {
        let input = json!("x".repeat(200_000));
        let error_of = |template: Value| {
            let template = Template::parse(&template).unwrap();
            data_of(&input, |data| template.evaluate(data, &mut ScriptedHost::default())).map(drop).map_err(|e| e.error)
        };
        let many = |count: usize| (0..count).map(|n| (format!("{n}.$"), json!("$"))).collect::<Map<_, _>>();
        assert_eq!(error_of(Value::Object(many(3))), Ok(()));
        assert_eq!(error_of(Value::Object(many(1_000))), Err("States.DataLimitExceeded"));
        let call = format!("States.ArrayLength(States.Array({}))", vec!["$"; 1_000].join(","));
        assert_eq!(error_of(json!({ "n.$": call })), Err("States.DataLimitExceeded"));
    }
}
