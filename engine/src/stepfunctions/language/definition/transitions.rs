//! Transitions: every target exists, every state is reachable, and every machine has a terminal state.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;

/// Checks the whole definition, including branches and processors. The types of the members have been checked.
pub(super) fn check(members: &Map<String, Value>, diagnostics: &mut Vec<Diagnostic>) {
    machine(members, "", &mut BTreeSet::new(), diagnostics);
}

fn machine<'v>(
    members: &'v Map<String, Value>,
    location: &str,
    seen: &mut BTreeSet<&'v str>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(states) = members.get("States").and_then(Value::as_object) else { return };
    let mut reached = BTreeSet::new();
    let mut reach = |target: &'v str, place: String, diagnostics: &mut Vec<Diagnostic>| {
        if !states.contains_key(target) {
            let message = format!("Missing 'Next' target: {target}");
            diagnostics.push(Diagnostic::error("MISSING_TRANSITION_TARGET", message, Some(place)));
        }
        reached.insert(target);
    };
    if let Some(start) = members.get("StartAt").and_then(Value::as_str) {
        reach(start, format!("{location}/StartAt"), diagnostics);
    }
    let mut can_end = false;
    for (name, state) in states {
        let place = format!("{location}/States/{name}");
        if !seen.insert(name) {
            let message = format!("Duplicate State name: {name}");
            diagnostics.push(Diagnostic::error("DUPLICATE_STATE_NAME", message, Some(place.clone())));
        }
        for (target, below) in targets(state) {
            // A transition to itself does not make a state reachable.
            if target != name || !states.contains_key(target) {
                reach(target, format!("{place}{below}"), diagnostics);
            }
        }
        can_end |= state.get("End") == Some(&Value::Bool(true))
            || matches!(state.get("Type").and_then(Value::as_str), Some("Succeed" | "Fail"));
        for (nested, below) in nested(state) {
            machine(nested, &format!("{place}{below}"), seen, diagnostics);
        }
    }
    if !can_end {
        let message = "Workflow has no terminal state".to_owned();
        let place = Some(location.to_owned()).filter(|place| !place.is_empty());
        diagnostics.push(Diagnostic::error("MISSING_END_STATE", message, place));
        return;
    }
    for name in states.keys().filter(|name| !reached.contains(name.as_str())) {
        let (message, place) = (format!("State \"{name}\" is not reachable."), format!("{location}/States/{name}"));
        diagnostics.push(Diagnostic::error("MISSING_TRANSITION_TARGET", message, Some(place)));
    }
}

/// The targets of a state, and the fields that name them.
fn targets(state: &Value) -> Vec<(&str, String)> {
    let lists = ["Choices", "Catch"].into_iter().flat_map(|list| {
        let items = state.get(list).and_then(Value::as_array).into_iter().flatten().enumerate();
        items.map(move |(index, item)| (item, "Next", format!("/{list}[{index}]/Next")))
    });
    let next = std::iter::once((state, "Next", "/Next".to_owned()));
    let default = std::iter::once((state, "Default", "/Default".to_owned()));
    let named = next.chain(lists).chain(default);
    named.filter_map(|(holder, name, below)| Some((holder.get(name)?.as_str()?, below))).collect()
}

fn nested(state: &Value) -> Vec<(&Map<String, Value>, String)> {
    let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten().enumerate();
    let branches = branches.map(|(index, branch)| (branch, format!("/Branches[{index}]")));
    let processors =
        ["ItemProcessor", "Iterator"].into_iter().filter_map(|name| Some((state.get(name)?, format!("/{name}"))));
    branches.chain(processors).filter_map(|(value, below)| Some((value.as_object()?, below))).collect()
}
