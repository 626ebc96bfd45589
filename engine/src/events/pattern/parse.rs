//! From the JSON text of a pattern to its conditions. What the engine does not know is refused by name.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::{
    Condition, Fields,
    matcher::{Bound, Matcher, Network, TextRule, Wildcard},
};

/// Levels of nesting; deeper patterns are refused rather than risk the stack.
const MAX_DEPTH: usize = 32;

pub(super) fn pattern(text: &str) -> Result<Fields, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    match value.as_object() {
        Some(members) if members.is_empty() => Err("Empty patterns are not allowed".to_owned()),
        Some(members) => fields(members, 0),
        None => Err("Filter is not an object".to_owned()),
    }
}

fn fields(members: &Map<String, Value>, depth: usize) -> Result<Fields, String> {
    if depth > MAX_DEPTH {
        return Err(format!("it is nested deeper than {MAX_DEPTH} levels"));
    }
    let mut read = Fields::default();
    for (name, value) in members {
        match value {
            Value::Array(items) if name == "$or" && items.iter().all(Value::is_object) => {
                if items.len() < 2 {
                    return Err("\"$or\" must have at least two patterns".to_owned());
                }
                let either = items.iter().filter_map(Value::as_object).map(|item| fields(item, depth + 1));
                read.alternatives.push(either.collect::<Result<_, _>>()?);
            }
            Value::Array(items) if items.is_empty() => {
                return Err(format!("Empty arrays are not allowed at \"{name}\""));
            }
            Value::Array(items) => {
                let matchers = items.iter().map(|item| matcher(name, item)).collect::<Result<_, _>>()?;
                read.fields.push((name.clone(), Condition::AnyOf(matchers)));
            }
            Value::Object(inner) if inner.is_empty() => {
                return Err(format!("Empty objects are not allowed at \"{name}\""));
            }
            Value::Object(inner) => read.fields.push((name.clone(), Condition::Within(fields(inner, depth + 1)?))),
            _ => return Err(format!("\"{name}\" must be an object or an array")),
        }
    }
    Ok(read)
}

fn matcher(field: &str, value: &Value) -> Result<Matcher, String> {
    let members = match value {
        Value::Object(members) => members,
        Value::Array(_) => return Err(format!("\"{field}\" may not hold an array in an array")),
        scalar => return Ok(Matcher::Exactly(scalar.clone())),
    };
    let mut members = members.iter();
    let (Some((operator, operand)), None) = (members.next(), members.next()) else {
        return Err(format!("Only one key allowed in match expression at \"{field}\""));
    };
    match operator.as_str() {
        "exists" => operand
            .as_bool()
            .map(Matcher::Exists)
            .ok_or_else(|| "exists match pattern must be either true or false".to_owned()),
        "numeric" => numeric(operand).map(Matcher::Numeric),
        "cidr" => cidr(operand).map(Matcher::Cidr),
        "anything-but" => anything_but(operand),
        name => match text_rule(name, operand)? {
            Some(rule) => Ok(Matcher::Text(rule)),
            None => Err(format!("Unrecognized match type {name}")),
        },
    }
}

/// The operators that look at a text; `None` when `name` is not one of them.
fn text_rule(name: &str, operand: &Value) -> Result<Option<TextRule>, String> {
    let folded = operand.get("equals-ignore-case").and_then(Value::as_str).map(str::to_lowercase);
    let text = || operand.as_str().map(str::to_owned).ok_or_else(|| format!("{name} match pattern must be a string"));
    Ok(Some(match (name, folded) {
        ("prefix", Some(folded)) => TextRule::FoldedPrefix(folded),
        ("suffix", Some(folded)) => TextRule::FoldedSuffix(folded),
        ("prefix", None) => TextRule::Prefix(text()?),
        ("suffix", None) => TextRule::Suffix(text()?),
        ("equals-ignore-case", _) => TextRule::Folded(text()?.to_lowercase()),
        ("wildcard", _) => TextRule::Wildcard(Wildcard::parse(&text()?)?),
        _ => return Ok(None),
    }))
}

/// `anything-but` with a scalar, a list of them, or a text operator with one operand or several.
fn anything_but(operand: &Value) -> Result<Matcher, String> {
    let scalar = |value: &Value| match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => Ok(value.clone()),
        _ => Err("Value of anything-but must be an array or single string/number value".to_owned()),
    };
    match operand {
        Value::Array(items) if items.is_empty() => Err("Empty arrays are not allowed in anything-but".to_owned()),
        Value::Array(items) => Ok(Matcher::NoneOf(items.iter().map(scalar).collect::<Result<_, _>>()?)),
        Value::Object(members) => {
            let mut members = members.iter();
            let (Some((name, operand)), None) = (members.next(), members.next()) else {
                return Err("Only one key allowed in anything-but".to_owned());
            };
            let operands = match operand {
                Value::Array(items) if items.is_empty() => {
                    return Err("Empty arrays are not allowed in anything-but".to_owned());
                }
                Value::Array(items) => items.as_slice(),
                single => std::slice::from_ref(single),
            };
            let rule =
                |operand| text_rule(name, operand)?.ok_or_else(|| format!("Unsupported anything-but pattern: {name}"));
            Ok(Matcher::NoText(operands.iter().map(rule).collect::<Result<_, _>>()?))
        }
        single => Ok(Matcher::NoneOf(vec![scalar(single)?])),
    }
}

/// `["=", 5]` or `[">", 0, "<=", 5]`.
fn numeric(operand: &Value) -> Result<Vec<(Bound, f64)>, String> {
    let items = operand.as_array().ok_or("Value of numeric must be an array.")?;
    let (pairs, rest) = items.as_chunks::<2>();
    if pairs.is_empty() || pairs.len() > 2 || !rest.is_empty() {
        return Err("Value of numeric must be one or two pairs of an operator and a number".to_owned());
    }
    let bounds = pairs.iter().map(|[operator, number]| {
        let bound = match operator.as_str() {
            Some("=") => Bound::Equal,
            Some("<") => Bound::Less,
            Some("<=") => Bound::AtMost,
            Some(">") => Bound::Greater,
            Some(">=") => Bound::AtLeast,
            _ => return Err(format!("Unrecognized numeric range operator: {operator}")),
        };
        number.as_f64().map(|number| (bound, number)).ok_or_else(|| format!("Value of {operator} must be numeric"))
    });
    let bounds = bounds.collect::<Result<Vec<_>, _>>()?;
    if let [(Bound::Greater | Bound::AtLeast, low), (Bound::Less | Bound::AtMost, high)] = bounds.as_slice()
        && low >= high
    {
        return Err("Bottom must be less than top".to_owned());
    }
    match bounds.as_slice() {
        [_] | [(Bound::Greater | Bound::AtLeast, _), (Bound::Less | Bound::AtMost, _)] => Ok(bounds),
        _ => Err("Two bounds must be a lower one and then an upper one".to_owned()),
    }
}

fn cidr(operand: &Value) -> Result<Network, String> {
    let malformed = || format!("Malformed CIDR: {operand}");
    let text = operand.as_str().ok_or_else(malformed)?;
    let (address, bits) = text.split_once('/').ok_or_else(malformed)?;
    let address: IpAddr = address.parse().map_err(|_| malformed())?;
    let bits: u32 = bits.parse().map_err(|_| malformed())?;
    Network::new(address, bits).ok_or_else(malformed)
}
