//! Parsing choice rules.

use serde_json::{Map, Value};

use super::{Kind, Operand, Order, Property, Rule, Test};
use crate::stepfunctions::language::{date_time::DateTime, path::Path};

const KINDS: [(&str, Kind); 4] =
    [("String", Kind::String), ("Numeric", Kind::Numeric), ("Boolean", Kind::Boolean), ("Timestamp", Kind::Timestamp)];

const ORDERS: [(&str, Order); 5] = [
    ("Equals", Order::Equals),
    ("LessThan", Order::LessThan),
    ("GreaterThan", Order::GreaterThan),
    ("LessThanEquals", Order::LessThanEquals),
    ("GreaterThanEquals", Order::GreaterThanEquals),
];

const PROPERTIES: [(&str, Property); 6] = [
    ("IsPresent", Property::Present),
    ("IsNull", Property::Null),
    ("IsNumeric", Property::Numeric),
    ("IsString", Property::String),
    ("IsBoolean", Property::Boolean),
    ("IsTimestamp", Property::Timestamp),
];

/// The reason why a rule is invalid, and its location, such as `/And[0]/Variable`.
pub(in crate::stepfunctions::language) type RuleError = (String, String);

fn at(place: impl Into<String>) -> impl FnOnce(String) -> RuleError {
    let place = place.into();
    move |message| (place, message)
}

impl Rule {
    /// Parses a rule; the caller parses its `Next`.
    pub(in crate::stepfunctions::language) fn parse(members: &Map<String, Value>) -> Result<Self, RuleError> {
        let mut found: Option<(&str, Self)> = None;
        for (name, value) in members {
            let rule = match name.as_str() {
                "Next" | "Comment" | "Variable" => continue,
                "And" => Self::And(Self::list(name, value)?),
                "Or" => Self::Or(Self::list(name, value)?),
                "Not" => Self::Not(Box::new(Self::nested("/Not", value)?)),
                operator => {
                    let test = Test::parse(operator, value).map_err(at(format!("/{operator}")))?;
                    let variable = members.get("Variable").and_then(Value::as_str);
                    let variable = variable.ok_or("The field 'Variable' is required but was missing".to_owned());
                    let variable = variable.and_then(Path::parse).map_err(at("/Variable"))?;
                    Self::Test { variable, test }
                }
            };
            if let Some((other, _)) = found {
                return Err((
                    String::new(),
                    format!("A choice rule holds one operator, but has '{other}' and '{name}'"),
                ));
            }
            found = Some((name, rule));
        }
        let message = "A choice rule must hold a comparison operator, And, Or or Not";
        found.map(|(_, rule)| rule).ok_or_else(|| (String::new(), message.to_owned()))
    }

    fn list(name: &str, value: &Value) -> Result<Vec<Self>, RuleError> {
        let items = value.as_array().filter(|items| !items.is_empty());
        let items = items.ok_or_else(|| (format!("/{name}"), "Value must be a list of choice rules".to_owned()))?;
        items.iter().enumerate().map(|(index, item)| Self::nested(&format!("/{name}[{index}]"), item)).collect()
    }

    fn nested(place: &str, value: &Value) -> Result<Self, RuleError> {
        let members = value.as_object().ok_or_else(|| (place.to_owned(), "Value must be a choice rule".to_owned()))?;
        if members.contains_key("Next") {
            return Err((format!("{place}/Next"), "Only the outermost choice rule may have a 'Next'".to_owned()));
        }
        Self::parse(members).map_err(|(below, message)| (format!("{place}{below}"), message))
    }
}

impl Test {
    fn parse(operator: &str, value: &Value) -> Result<Self, String> {
        if let Some((_, property)) = PROPERTIES.iter().find(|(name, _)| *name == operator) {
            let wanted = value.as_bool().ok_or_else(|| format!("The value of '{operator}' must be true or false"))?;
            return Ok(Self::Is(*property, wanted));
        }
        if operator == "StringMatches" {
            let pattern = value.as_str().ok_or("The value of 'StringMatches' must be a string")?;
            return Ok(Self::Matches(pattern.to_owned()));
        }
        let (base, is_path) = operator.strip_suffix("Path").map_or((operator, false), |base| (base, true));
        let unknown = || format!("The choice operator '{operator}' is not supported");
        let (kind, order) = KINDS
            .iter()
            .find_map(|(prefix, kind)| base.strip_prefix(prefix).map(|order| (*kind, order)))
            .ok_or_else(unknown)?;
        let (_, order) = ORDERS.iter().find(|(name, _)| *name == order).ok_or_else(unknown)?;
        if kind == Kind::Boolean && *order != Order::Equals {
            return Err(unknown());
        }
        let with = if is_path {
            let text = value.as_str().ok_or_else(|| format!("The value of '{operator}' must be a path"))?;
            Operand::Path(Path::parse(text)?)
        } else if kind.is_literal(value) {
            Operand::Literal(value.clone())
        } else {
            return Err(format!("The value of '{operator}' is of the wrong type"));
        };
        Ok(Self::Compare { kind, order: *order, with })
    }
}

impl Kind {
    fn is_literal(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Numeric => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Timestamp => value.as_str().and_then(DateTime::parse).is_some(),
        }
    }
}
