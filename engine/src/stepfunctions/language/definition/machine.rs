//! A machine: `StartAt` and `States`.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{fields::Fields, model::Machine, state};

/// Reads `StartAt` and `States`; the caller has read the other members, and what nobody reads is refused.
pub(super) fn parse(fields: &mut Fields<'_, '_>) -> Machine {
    fields.require(&["States", "StartAt"]);
    let start_at = fields.text("StartAt").unwrap_or_default();
    let mut states = BTreeMap::new();
    if let Some(members) = fields.object("States") {
        if members.is_empty() {
            fields.refuse("/States", "Value cannot be empty");
        }
        for (name, value) in members {
            let location = format!("/States/{name}");
            if name.chars().count() > 80 || name.is_empty() {
                fields.refuse(&location, "The name of a state must have 1 to 80 characters");
            }
            let Value::Object(members) = value else {
                fields.refuse(&location, "Expected value of type Object");
                continue;
            };
            if let Some(state) = state::parse(name, fields.nested(&location, members)) {
                states.insert(name.clone(), Arc::new(state));
            }
        }
    }
    Machine { start_at, states }
}
