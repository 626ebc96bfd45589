//! The names of the resources in the account: those of the original Serverlesspresso, with a prefix.

use serde_json::Value;

use super::workflows::{self, Workflow};

const ORDERS: &str = "serverlesspresso-order-table";
const CONFIG: &str = "serverlesspresso-config-table";
const COUNTING: &str = "serverlesspresso-counting-table";
const BUS: &str = "Serverlesspresso";

/// The names of the resources of one shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourceNames {
    prefix: String,
    /// The order table.
    pub(crate) orders: String,
    /// The table of settings and menu.
    pub(crate) config: String,
    /// The event bus.
    pub(crate) bus: String,
}

impl ResourceNames {
    /// The names with `prefix`, which may be empty.
    pub(crate) fn new(prefix: &str) -> Self {
        let name = |name: &str| format!("{prefix}{name}");
        Self { prefix: prefix.to_owned(), orders: name(ORDERS), config: name(CONFIG), bus: name(BUS) }
    }

    /// The name of the state machine of a workflow.
    pub(super) fn workflow(&self, workflow: &Workflow) -> String {
        format!("{}{}", self.prefix, workflow.name)
    }

    /// Adds the prefix to every name of a table, bus or workflow in a file of `workflow/`.
    pub(crate) fn apply(&self, value: &mut Value) {
        let is_name = |text: &str| {
            [ORDERS, CONFIG, COUNTING, BUS].contains(&text) || workflows::ALL.iter().any(|each| each.name == text)
        };
        match value {
            Value::String(text) if is_name(text) => {
                text.insert_str(0, &self.prefix);
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.apply(value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.apply(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_reaches_every_name_and_nothing_else() {
        let mut value = serde_json::json!({
            "Key": {"PK": {"S": "config"}}, "TableName": CONFIG, "Entries": [{"EventBusName": BUS, "Source": "x"}],
        });
        ResourceNames::new("north-").apply(&mut value);
        assert_eq!(
            value,
            serde_json::json!({
                "Key": {"PK": {"S": "config"}}, "TableName": "north-serverlesspresso-config-table",
                "Entries": [{"EventBusName": "north-Serverlesspresso", "Source": "x"}],
            })
        );
        assert_eq!(ResourceNames::new("").bus, "Serverlesspresso");
    }
}
