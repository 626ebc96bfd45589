//! What things are called in the account. The seeds' names, behind a prefix when several bars share an account.

use serde_json::Value;

const ORDERS: &str = "serverlesspresso-order-table";
const CONFIG: &str = "serverlesspresso-config-table";
const COUNTING: &str = "serverlesspresso-counting-table";
const BUS: &str = "Serverlesspresso";
const MACHINE: &str = "OrderProcessorWorkflow";

/// The names of everything that belongs to one bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    prefix: String,
    /// The order table.
    pub(crate) orders: String,
    /// The table of settings and menu.
    pub(crate) config: String,
    /// The event bus.
    pub(crate) bus: String,
    /// The state machine that an order runs on.
    pub(crate) machine: String,
}

impl Names {
    /// The names behind `prefix`, which may be empty.
    pub(crate) fn new(prefix: &str) -> Self {
        let name = |name: &str| format!("{prefix}{name}");
        Self {
            prefix: prefix.to_owned(),
            orders: name(ORDERS),
            config: name(CONFIG),
            bus: name(BUS),
            machine: name(MACHINE),
        }
    }

    /// Puts the prefix before every table and bus that a file of `workflow/` names.
    pub(crate) fn apply(&self, value: &mut Value) {
        match value {
            Value::String(text) if [ORDERS, CONFIG, COUNTING, BUS, MACHINE].contains(&text.as_str()) => {
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
        Names::new("north-").apply(&mut value);
        assert_eq!(
            value,
            serde_json::json!({
                "Key": {"PK": {"S": "config"}}, "TableName": "north-serverlesspresso-config-table",
                "Entries": [{"EventBusName": "north-Serverlesspresso", "Source": "x"}],
            })
        );
        assert_eq!(Names::new("").bus, "Serverlesspresso");
    }
}
