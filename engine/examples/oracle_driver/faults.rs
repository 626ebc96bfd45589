//! Finds the faults that can be seen in the request alone.
//!
//! A rule in `known.rs` may excuse a difference only because of the request: if it depended on our response, it would
//! excuse our bugs as well. A request with one of these faults must be refused, whatever the oracle returns.

use serde_json::Value;

use crate::{call::Call, fault::Fault, generate::is_wrong, tables::Table};

/// The faults of a request, including those of the actions of a transaction.
pub(crate) fn of(call: &Call) -> Vec<Fault> {
    let mut faults = call.faults.clone();
    for part in parts(&call.request) {
        let text: Vec<&str> = EXPRESSIONS.iter().filter_map(|name| part[*name].as_str()).collect();
        for member in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
            let Some(given) = part[member].as_object() else { continue };
            if text.is_empty() {
                faults.push(Fault::NoExpression);
            } else if given.keys().any(|name| !text.iter().any(|text| placeholders(text).any(|used| used == name))) {
                faults.push(Fault::Unused);
            }
        }
        let is_given = |name: &str| {
            ["ExpressionAttributeNames", "ExpressionAttributeValues"]
                .iter()
                .any(|member| part[*member].get(name).is_some())
        };
        if text.iter().any(|text| placeholders(text).any(|used| !is_given(used))) {
            faults.push(Fault::Undefined);
        }
        let values = part["ExpressionAttributeValues"].as_object().into_iter().flat_map(|map| map.values());
        let items = ["Item", "Key"].iter().filter_map(|name| part[*name].as_object()).flat_map(|map| map.values());
        let keys =
            part["Keys"].as_array().into_iter().flatten().filter_map(Value::as_object).flat_map(|map| map.values());
        if values.chain(items).chain(keys).any(is_wrong) {
            faults.push(Fault::Value);
        }
    }
    let request = &call.request;
    let (projects, index) = (request["ProjectionExpression"].is_string(), request["IndexName"].is_string());
    let selects_wrongly = match request["Select"].as_str() {
        Some("SPECIFIC_ATTRIBUTES") => !projects,
        Some("ALL_PROJECTED_ATTRIBUTES") => projects || !index,
        Some("ALL_ATTRIBUTES") => projects || asks_all_of_a_part(request),
        Some(_) => projects,
        None => false,
    };
    faults.extend(selects_wrongly.then_some(Fault::Select));
    faults.extend(names_a_key_twice(request).then_some(Fault::Twice));
    faults.extend(filters_by_key(call).then_some(Fault::KeyInFilter));
    faults.sort_unstable();
    faults.dedup();
    faults
}

/// Whether all attributes of a global index are requested that does not project all.
fn asks_all_of_a_part(request: &Value) -> bool {
    let table = Table::named(request["TableName"].as_str().unwrap_or_default());
    table.is_some_and(|table| {
        let index = table.index(request["IndexName"].as_str().unwrap_or_default());
        index.is_some_and(|index| index.hash != table.hash.0 && index.shows.is_some())
    })
}

fn names_a_key_twice(request: &Value) -> bool {
    let tables = request["RequestItems"].as_object();
    tables.into_iter().flatten().any(|(name, part)| {
        let Some(table) = Table::named(name) else { return false };
        let writes = part
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|write| write.as_object()?.values().next()?.as_object()?.values().next());
        let all: Vec<&Value> = part["Keys"].as_array().into_iter().flatten().chain(writes).collect();
        let keys: Vec<Vec<String>> = all
            .iter()
            // 100 and 1e2 are the same number.
            .map(|item| table.key().map(|(key, _)| item[key].to_string().replace("1e2", "100")).collect())
            .collect();
        keys.iter().enumerate().any(|(at, key)| keys.iter().take(at).any(|earlier| earlier == key))
    })
}

fn filters_by_key(call: &Call) -> bool {
    let request = &call.request;
    let Some(table) = Table::named(request["TableName"].as_str().unwrap_or_default()) else { return false };
    let keys: Vec<&str> = match table.index(request["IndexName"].as_str().unwrap_or_default()) {
        Some(index) => [Some(index.hash), index.range].into_iter().flatten().collect(),
        None => table.key().map(|(name, _)| name).collect(),
    };
    call.operation == "Query" && names_in(&request["FilterExpression"]).iter().any(|name| keys.contains(&name.as_str()))
}

/// The attribute names in an expression; of a condition also the operators.
pub(crate) fn names_in(expression: &Value) -> Vec<String> {
    let words =
        expression.as_str().unwrap_or_default().split(|c: char| !(c.is_ascii_alphanumeric() || "_#:.[".contains(c)));
    words
        .map(|path| path.split(['.', '[']).next().unwrap_or_default().replace('#', ""))
        .filter(|name| !name.is_empty() && !name.starts_with(':'))
        .collect()
}

/// Whether the response is AWS's message for one of the faults.
pub(crate) fn reports(faults: &[Fault], text: &str) -> bool {
    faults.iter().flat_map(|fault| fault.texts()).any(|part| text.contains(part))
}

const EXPRESSIONS: [&str; 5] =
    ["ConditionExpression", "FilterExpression", "KeyConditionExpression", "ProjectionExpression", "UpdateExpression"];

/// The parts of a request that have their own expressions.
pub(crate) fn parts(request: &Value) -> Vec<&Value> {
    if let Some(actions) = request["TransactItems"].as_array() {
        return actions.iter().filter_map(|action| action.as_object()?.values().next()).collect();
    }
    let Some(tables) = request["RequestItems"].as_object() else { return vec![request] };
    let writes = tables.values().filter_map(Value::as_array).flatten();
    let writes = writes.filter_map(|write| write.as_object()?.values().next());
    tables.values().filter(|table| table.is_object()).chain(writes).collect()
}

/// The `#names` and `:values` of an expression.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "_#:".contains(c))).filter(|word| word.starts_with(['#', ':']))
}
