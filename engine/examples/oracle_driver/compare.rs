//! Comparing two responses.

use serde_json::{Map, Value};

use crate::call::Call;

/// Two different responses, in their normalized form.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) ours: Value,
    pub(crate) oracle: Value,
}

impl Difference {
    /// The path of the first difference, and both values.
    pub(crate) fn place(&self) -> (String, Value, Value) {
        let (mut path, mut ours, mut oracle) = (String::new(), &self.ours, &self.oracle);
        loop {
            let step = match (ours, oracle) {
                (Value::Object(left), Value::Object(right)) => {
                    left.keys().chain(right.keys()).find(|name| left.get(*name) != right.get(*name)).cloned()
                }
                (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
                    left.iter().zip(right).position(|(left, right)| left != right).map(|at| at.to_string())
                }
                _ => None,
            };
            let Some(step) = step else { return (path, ours.clone(), oracle.clone()) };
            let into = |value: &'_ Value| step.parse::<usize>().ok().filter(|_| value.is_array());
            (ours, oracle) = match into(ours) {
                Some(at) => (&ours[at], &oracle[at]),
                None => (&ours[step.as_str()], &oracle[step.as_str()]),
            };
            path += &format!("/{step}");
        }
    }
}

/// Members of table descriptions that may differ: ARNs, times, states.
const OWN: [&str; 12] = [
    "TableArn",
    "IndexArn",
    "TableId",
    "CreationDateTime",
    "LastUpdateToPayPerRequestDateTime",
    "TableStatus",
    "IndexStatus",
    "DeletionProtectionEnabled",
    "ProvisionedThroughput",
    "TableThroughputModeSummary",
    "WarmThroughput",
    "OnDemandThroughput",
];

/// The difference, if there is one.
pub(crate) fn difference(call: &Call, ours: &Value, oracle: &Value) -> Option<Difference> {
    // The oracle words some parse errors as serde does; only the refusal counts.
    if ours.get("error").is_some() && oracle["error"]["__type"] == "Unreadable" {
        return None;
    }
    let ours = normal(ours, call.any_order);
    let oracle = normal(oracle, call.any_order);
    (ours != oracle).then_some(Difference { ours, oracle })
}

/// Sorts lists without order, drops members that may differ, and shortens error types to their last part.
fn normal(value: &Value, any_order: bool) -> Value {
    match value {
        Value::Object(map) => {
            let mut members = Map::new();
            for (name, value) in map {
                if OWN.contains(&name.as_str()) || value.is_null() {
                    continue;
                }
                let mut value = normal(value, any_order);
                let unordered =
                    matches!(name.as_str(), "SS" | "NS" | "BS" | "AttributeDefinitions" | "ConsumedCapacity")
                        || any_order && matches!(name.as_str(), "Items");
                if let (true, Some(list)) = (unordered, value.as_array_mut()) {
                    // Sorted by text; capacities by table name.
                    list.sort_by_key(|member| (member["TableName"].to_string(), member.to_string()));
                }
                if name == "Responses"
                    && let Some(tables) = value.as_object_mut()
                {
                    tables
                        .values_mut()
                        .filter_map(Value::as_array_mut)
                        .for_each(|list| list.sort_by_key(ToString::to_string));
                }
                let name = if name == "Message" && !map.contains_key("Code") { "message" } else { name.as_str() };
                // AWS's newer request layer adds this prefix to otherwise equal messages.
                if let ("message" | "Message", Some(text)) = (name, value.as_str())
                    && let Some(rest) = text.strip_prefix("1 validation error detected: ")
                    && !rest.starts_with("Value '")
                {
                    value = Value::from(rest);
                }
                if name == "__type"
                    && let Some(text) = value.as_str()
                {
                    value = Value::from(text.rsplit('#').next().unwrap_or(text));
                }
                members.insert(name.to_owned(), value);
            }
            members.sort_keys();
            Value::Object(members)
        }
        Value::Array(list) => list.iter().map(|value| normal(value, any_order)).collect(),
        Value::Number(number) => number.as_f64().map_or_else(|| value.clone(), Value::from),
        other => other.clone(),
    }
}
