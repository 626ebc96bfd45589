//! Known differences, each with what AWS documents.
//!
//! The condition of a rule uses only the request and the effects of earlier calls. It may use our response only to
//! require AWS's message for such a request. So no rule excuses a bug of ours.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use crate::{call::Call, compare::Difference, fault::Fault, faults, generate::is_wrong, tables::Table};

/// The effects of earlier calls that rules need.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// The time-to-live attribute of each table.
    time_to_live: HashMap<String, String>,
    /// Deleted tables.
    gone: HashSet<String>,
}

impl Past {
    /// Records the effects of a call.
    pub(crate) fn note(&mut self, call: &Call, ours: &Value) {
        let specification = &ours["ok"]["TimeToLiveSpecification"];
        let table = call.request["TableName"].as_str().unwrap_or_default();
        match specification["Enabled"].as_bool() {
            Some(true) => {
                let attribute = specification["AttributeName"].as_str().unwrap_or_default();
                self.time_to_live.insert(table.to_owned(), attribute.to_owned());
            }
            Some(false) => drop(self.time_to_live.remove(table)),
            None if call.operation == "DeleteTable" && ours.get("ok").is_some() => {
                self.time_to_live.remove(table);
                self.gone.insert(table.to_owned());
            }
            None if call.operation == "CreateTable" && ours.get("ok").is_some() => drop(self.gone.remove(table)),
            None => {}
        }
    }
}

/// A difference, and everything that a rule may use.
struct Case<'c> {
    call: &'c Call,
    past: &'c Past,
    faults: Vec<Fault>,
    difference: &'c Difference,
    /// The path of the first difference, and both values.
    path: String,
    ours: Value,
    oracle: Value,
}

/// A known difference: a condition and the reason.
type Known = (fn(&Case<'_>) -> bool, &'static str);

const KNOWN: &[Known] = &[
    (
        |case| {
            !case.faults.is_empty()
                && case.our_code() == "ValidationException"
                && faults::reports(&case.faults, case.our_text())
        },
        "the request has a fault that AWS finds while parsing it, before it looks at tables, items, tokens or keys; \
         the oracle reports only what it evaluates, reports another fault first, or reads a map in another order",
    ),
    (
        |case| {
            case.updates_several()
                && (case.path == "/error/message" || case.path.starts_with("/error/CancellationReasons"))
                && [&case.ours, &case.oracle]
                    .iter()
                    .all(|text| text.as_str().is_some_and(|text| UPDATE_FAULTS.contains(&text)))
        },
        "an update has several faults, and the two sides report different ones first",
    ),
    (
        |case| {
            case.names_a_table_that_is_gone()
                && case.both_refuse()
                && (case.some_key_is_wrong() || case.faults.contains(&Fault::Twice) || case.acts_twice_on_an_item())
        },
        "a batch or a transaction names a missing table and has a fault elsewhere; the two sides report different \
         ones first",
    ),
    (
        |case| {
            case.call.operation == "TransactWriteItems" && case.both_refuse() && case.updates_an_index_key_to_nothing()
        },
        "an update in a transaction makes an index key empty: we report it as the reason of the action, the oracle \
         refuses the whole request",
    ),
    (
        |case| case.some_key_is_wrong() && case.both_refuse() && case.our_text_is_about_a_key(),
        "a key does not fit the table: both refuse; in a transaction we report it as the reason of the action",
    ),
    (
        |case| case.path.starts_with("/ok/Attributes") && case.updates_an_element(),
        "UPDATED_OLD and UPDATED_NEW return only the updated elements of a list; the oracle returns the whole \
         attribute",
    ),
    (
        |case| {
            case.call.operation == "UpdateItem"
                && case.call.request["ReturnValues"] == "ALL_OLD"
                && case.path == "/ok/Attributes"
                && case.ours.is_null()
                && case.oracle == case.call.request["Key"]
        },
        "ALL_OLD is the item before the update, so an item that the update created has no attributes; the oracle \
         returns the key",
    ),
    (
        |case| case.our_text() == case.past.time_to_live_refusal(&case.call.request),
        "AWS refuses to enable time to live where it is enabled, and to disable it where it is not",
    ),
    (
        |case| case.call.operation == "TransactGetItems" && case.oracle_only_adds_keys(),
        "a projection returns only what it names, and an empty item if nothing matches; the oracle adds the key, or \
         responds as if the item did not exist",
    ),
    (
        |case| {
            case.call.operation == "Query"
                && case.compares_with_nothing()
                && case.our_text().contains("cannot contain an empty")
        },
        "an empty string or binary cannot be a key, so it cannot be compared with one",
    ),
    (
        |case| case.asks_a_global_index_for_more() && case.our_text().contains("does not project"),
        "a global index returns only projected attributes, and refuses a projection that names others",
    ),
    (
        |case| case.path.starts_with("/ok/") && case.asks_a_local_index_for_more(),
        "attributes that a local index does not project are read from the table",
    ),
    (
        |case| {
            case.our_code() == "IdempotentParameterMismatchException"
                && case.oracle_code() == "IdempotentParameterMismatchException"
        },
        "the oracle has no message for this error",
    ),
];

/// Messages about an update that does not fit the item.
const UPDATE_FAULTS: [&str; 4] = [
    "Attempting to store more than 38 significant digits in a Number",
    "The provided expression refers to an attribute that does not exist in the item",
    "An operand in the update expression has an incorrect data type",
    "The document path provided in the update expression is invalid for update",
];

/// The reason why this difference is accepted, if it is.
pub(crate) fn reason(call: &Call, past: &Past, difference: &Difference) -> Option<&'static str> {
    let (path, ours, oracle) = difference.place();
    let case = Case { call, past, faults: faults::of(call), difference, path, ours, oracle };
    KNOWN.iter().find(|(is_it, _)| is_it(&case)).map(|(_, reason)| *reason)
}

impl Past {
    /// AWS's message for an UpdateTimeToLive that changes nothing.
    fn time_to_live_refusal(&self, request: &Value) -> &'static str {
        let specification = &request["TimeToLiveSpecification"];
        let current = self.time_to_live.get(request["TableName"].as_str().unwrap_or_default());
        match (current, specification["Enabled"].as_bool()) {
            (Some(_), Some(true)) => "TimeToLive is already enabled",
            (None, Some(false)) => "TimeToLive is already disabled",
            (Some(current), Some(false)) if specification["AttributeName"] != current.as_str() => {
                "TimeToLive is active on a different AttributeName"
            }
            _ => "no refusal",
        }
    }
}

impl Case<'_> {
    fn our_code(&self) -> &str {
        self.difference.ours["error"]["__type"].as_str().unwrap_or_default()
    }

    fn our_text(&self) -> &str {
        self.difference.ours["error"]["message"].as_str().unwrap_or_default()
    }

    fn oracle_code(&self) -> &str {
        self.difference.oracle["error"]["__type"].as_str().unwrap_or_default()
    }

    fn both_refuse(&self) -> bool {
        let refuses = |code: &str| {
            ["ValidationException", "TransactionCanceledException", "ResourceNotFoundException"].contains(&code)
        };
        refuses(self.our_code()) && refuses(self.oracle_code())
    }

    fn table(&self, part: &Value) -> Option<&'static Table> {
        Table::named(part["TableName"].as_str().unwrap_or_default())
    }

    /// Whether a key in the request has missing, additional, empty or mistyped attributes, or an item a mistyped index
    /// key.
    fn some_key_is_wrong(&self) -> bool {
        let tables = self.call.request["RequestItems"].as_object();
        let batch = tables.into_iter().flatten().flat_map(|(name, part)| {
            let keys = part["Keys"].as_array().into_iter().flatten().map(|key| ("Key", key));
            let writes = part.as_array().into_iter().flatten().filter_map(|write| write.as_object()?.values().next());
            let writes = writes.filter_map(|write| write.as_object()?.iter().next());
            keys.chain(writes.map(|(member, value)| (if member == "Key" { "Key" } else { "Item" }, value)))
                .map(move |(member, value)| (Table::named(name), member, value))
        });
        let single = faults::parts(&self.call.request).into_iter().flat_map(|part| {
            ["Key", "Item"].into_iter().filter_map(move |member| Some((self.table(part), member, part.get(member)?)))
        });
        batch.chain(single).any(|(table, member, value)| table.is_some_and(|table| is_wrong_key(table, member, value)))
    }

    fn our_text_is_about_a_key(&self) -> bool {
        let text = format!("{} {}", self.our_text(), self.difference.ours["error"]["CancellationReasons"]);
        [
            "The provided key element does not match the schema",
            "Missing the key",
            "Type mismatch for key",
            "Type mismatch for Index Key",
            "cannot contain an empty",
            "Key attributes",
        ]
        .iter()
        .any(|part| text.contains(part))
    }

    fn names_a_table_that_is_gone(&self) -> bool {
        let batch = self.call.request["RequestItems"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        let parts = faults::parts(&self.call.request);
        let actions = parts.iter().filter_map(|part| part["TableName"].as_str());
        batch.chain(actions).any(|name| self.past.gone.contains(name))
    }

    fn acts_twice_on_an_item(&self) -> bool {
        let parts = faults::parts(&self.call.request);
        let keys: Vec<Vec<String>> = parts
            .iter()
            .filter_map(|part| {
                let of = part.get("Key").or_else(|| part.get("Item"))?;
                let key = self.table(part)?.key().map(|(name, _)| of[name].to_string().replace("1e2", "100"));
                Some([part["TableName"].to_string()].into_iter().chain(key).collect())
            })
            .collect();
        keys.iter().enumerate().any(|(at, key)| keys.iter().take(at).any(|earlier| earlier == key))
    }

    fn updates_an_index_key_to_nothing(&self) -> bool {
        faults::parts(&self.call.request).into_iter().any(|part| {
            let values = part["ExpressionAttributeValues"].as_object();
            let names = faults::names_in(&part["UpdateExpression"]);
            values.into_iter().flatten().any(|(_, value)| value["S"] == "")
                && names.iter().any(|name| ["st", "us"].contains(&name.as_str()))
        })
    }

    /// Whether an update has several actions.
    fn updates_several(&self) -> bool {
        let parts = faults::parts(&self.call.request);
        let texts = parts.into_iter().filter_map(|part| part["UpdateExpression"].as_str());
        let sections =
            |text: &str| ["SET", "REMOVE", "ADD", "DELETE"].iter().filter(|word| text.contains(**word)).count();
        // A sum and its target count as two.
        texts.into_iter().any(|text| text.contains([',', '+', '-']) || sections(text) > 1)
    }

    fn updates_an_element(&self) -> bool {
        self.call.operation == "UpdateItem"
            && self.call.request["ReturnValues"].as_str().is_some_and(|returns| returns.starts_with("UPDATED"))
            && self.call.request["UpdateExpression"].as_str().is_some_and(|text| text.contains('['))
    }

    fn oracle_only_adds_keys(&self) -> bool {
        let (ours, oracle) = (&self.difference.ours["ok"]["Responses"], &self.difference.oracle["ok"]["Responses"]);
        let (Some(ours), Some(oracle)) = (ours.as_array(), oracle.as_array()) else { return false };
        let actions = faults::parts(&self.call.request);
        ours.len() == oracle.len()
            && ours.iter().zip(oracle).zip(actions).all(|((ours, oracle), action)| {
                let mut less = oracle.clone();
                let item = less.get_mut("Item").and_then(Value::as_object_mut);
                if let (Some(item), Some(table), true) =
                    (item, self.table(action), action["ProjectionExpression"].is_string())
                {
                    let names = faults::names_in(&action["ProjectionExpression"]);
                    let added = table.key().filter(|(name, _)| !names.iter().any(|named| named == name));
                    added.for_each(|(name, _)| drop(item.remove(name)));
                }
                less == *ours || less.get("Item").is_none() && ours["Item"] == json!({})
            })
    }

    fn compares_with_nothing(&self) -> bool {
        let values = self.call.request["ExpressionAttributeValues"].as_object();
        values.into_iter().flatten().any(|(_, value)| value["S"] == "" || value["B"] == "")
    }

    fn asks_a_global_index_for_more(&self) -> bool {
        let request = &self.call.request;
        let Some(table) = self.table(request) else { return false };
        let Some(index) = table.index(request["IndexName"].as_str().unwrap_or_default()) else { return false };
        index.hash != table.hash.0
            && faults::names_in(&request["ProjectionExpression"]).iter().any(|name| !table.shows(index, name))
    }

    fn asks_a_local_index_for_more(&self) -> bool {
        let request = &self.call.request;
        let Some(table) = self.table(request) else { return false };
        let Some(index) = table.index(request["IndexName"].as_str().unwrap_or_default()) else { return false };
        let names = [&request["ProjectionExpression"], &request["FilterExpression"]].map(faults::names_in).concat();
        index.hash == table.hash.0
            && (request["Select"] == "ALL_ATTRIBUTES"
                // Some of the words in a filter are operators; these are the generator's attributes.
                || names.iter().any(|name| name.len() <= 2 && !table.shows(index, name)))
    }
}

fn is_wrong_key(table: &Table, member: &str, value: &Value) -> bool {
    let Some(given) = value.as_object() else { return true };
    let fits = |name: &str, kind: &str| {
        given.get(name).is_some_and(|value| value.get(kind).is_some() && value[kind] != "" && !is_wrong(value))
    };
    if table.key().any(|(name, kind)| !fits(name, kind)) {
        return true;
    }
    if member == "Key" {
        return given.len() != table.key().count();
    }
    table.indexes.iter().any(|index| {
        let kind = |name: &str| if name == "n" { "N" } else { "S" };
        [Some(index.hash), index.range]
            .into_iter()
            .flatten()
            .any(|name| given.contains_key(name) && !fits(name, kind(name)))
    })
}
