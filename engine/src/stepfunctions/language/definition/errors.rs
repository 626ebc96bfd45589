//! `Retry` and `Catch`.

use serde_json::Value;

use super::{
    fields::Fields,
    model::{Catcher, Jitter, Retrier},
};

/// AWS's maximum `MaxDelaySeconds` and counts.
const MAX_DELAY_SECONDS: i64 = 31_622_399;
const MAX_COUNT: i64 = 99_999_999;

pub(super) fn retry(fields: &mut Fields<'_, '_>) -> Vec<Retrier> {
    parse_list(fields, "Retry", |fields| {
        let error_equals = error_equals(fields);
        let interval_seconds = fields.integer("IntervalSeconds", 1..=MAX_COUNT).unwrap_or(1);
        let max_attempts = fields.integer("MaxAttempts", 0..=MAX_COUNT).unwrap_or(3);
        let backoff_rate = fields.number("BackoffRate").unwrap_or(2.0);
        if backoff_rate < 1.0 {
            fields.refuse("/BackoffRate", "Value must be at least 1.0");
        }
        let max_delay_seconds = fields.integer("MaxDelaySeconds", 1..=MAX_DELAY_SECONDS);
        if max_delay_seconds.is_some_and(|most| most <= interval_seconds) {
            fields.refuse("/MaxDelaySeconds", "MaxDelaySeconds must be greater than IntervalSeconds");
        }
        let jitter = match fields.text("JitterStrategy").as_deref() {
            None | Some("NONE") => Jitter::None,
            Some("FULL") => Jitter::Full,
            Some(_) => {
                fields.refuse("/JitterStrategy", "Value must be one of [FULL, NONE]");
                Jitter::None
            }
        };
        Retrier { error_equals, interval_seconds, max_attempts, backoff_rate, max_delay_seconds, jitter }
    })
}

pub(super) fn catch(fields: &mut Fields<'_, '_>) -> Vec<Catcher> {
    parse_list(fields, "Catch", |fields| {
        fields.require(&["Next"]);
        Catcher {
            error_equals: error_equals(fields),
            result_path: fields.result_path(),
            next: fields.text("Next").unwrap_or_default(),
        }
    })
}

/// Parses a list of retriers or catchers. `States.ALL` must be alone, in the last one.
fn parse_list<T>(fields: &mut Fields<'_, '_>, name: &'static str, read: impl Fn(&mut Fields<'_, '_>) -> T) -> Vec<T> {
    let list = fields.list(name).map(Vec::as_slice).unwrap_or_default();
    let mut found = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let place = format!("/{name}[{index}]");
        let Value::Object(members) = item else {
            fields.refuse(&place, "Expected value of type Object");
            continue;
        };
        let names_all = members
            .get("ErrorEquals")
            .and_then(Value::as_array)
            .is_some_and(|names| names.iter().any(|name| name == "States.ALL"));
        if names_all && index + 1 < list.len() {
            fields.refuse(&format!("{place}/ErrorEquals"), format!("States.ALL may stand in the last '{name}' only"));
        }
        let mut nested = fields.nested(&place, members);
        found.push(read(&mut nested));
        nested.finish();
    }
    found
}

fn error_equals(fields: &mut Fields<'_, '_>) -> Vec<String> {
    fields.require(&["ErrorEquals"]);
    let list = fields.list("ErrorEquals").map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() && fields.has("ErrorEquals") {
        fields.refuse("/ErrorEquals", "Value cannot be empty");
    }
    let mut names = Vec::new();
    for name in list {
        match name.as_str() {
            Some(name) => names.push(name.to_owned()),
            None => fields.refuse("/ErrorEquals", "Expected value of type String"),
        }
    }
    if names.len() > 1 && names.iter().any(|name| name == "States.ALL") {
        fields.refuse("/ErrorEquals", "States.ALL must stand alone");
    }
    names
}
