//! Parses the output of the AWS CLI.

use serde_json::Value;

/// The value at a JSON pointer such as `/Item/TaskToken/S`, as text.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Result<&'v str, String> {
    value.pointer(pointer).and_then(Value::as_str).ok_or_else(|| format!("no {pointer} in {value}"))
}

/// Checks that two values are equal.
pub(super) fn same(what: &str, found: &Value, wanted: &Value) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what} is {found} and not {wanted}")) }
}

/// The value at a JSON pointer, or `null`.
pub(super) fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// The events of a log group, as `filter-log-events` prints them, oldest first.
pub(super) fn logged(printed: &Value) -> Vec<Value> {
    let events = at(printed, "/events").as_array();
    let messages = events.into_iter().flatten().filter_map(|event| event.get("message")?.as_str());
    messages.filter_map(|message| serde_json::from_str(message).ok()).collect()
}

/// The last logged event of a type for an order.
pub(super) fn event_of(printed: &Value, detail_type: &str, order: &str) -> Result<Value, String> {
    let events = logged(printed);
    let found = events.iter().rev().find(|event| {
        at(event, "/detail-type") == detail_type && (order.is_empty() || at(event, "/detail/orderId") == order)
    });
    found.cloned().ok_or_else(|| format!("the bus had no {detail_type} for order {order:?}"))
}

/// The events of an execution's history, oldest first, as `get-execution-history` prints them.
pub(super) fn history(printed: &Value) -> Result<&Vec<Value>, String> {
    at(printed, "/events").as_array().ok_or_else(|| format!("no history: {printed}"))
}

/// The types of the events with the ids `from` to `to`.
pub(super) fn types(history: &[Value], from: u64, to: u64) -> Vec<&str> {
    let of = |event: &&Value| event.get("id").and_then(Value::as_u64).is_some_and(|id| (from..=to).contains(&id));
    history.iter().filter(of).map(|event| at(event, "/type").as_str().unwrap_or_default()).collect()
}

/// The task token in the parameters of a `TaskScheduled` event.
pub(super) fn token(history: &[Value], id: u64) -> Result<String, String> {
    let event = history.iter().find(|event| at(event, "/id") == id).ok_or_else(|| format!("there is no event {id}"))?;
    let details = at(event, "/taskScheduledEventDetails");
    if at(details, "/resource") != "putEvents.waitForTaskToken" {
        return Err(format!("event {id} is {event}"));
    }
    let parameters: Value = serde_json::from_str(text(details, "/parameters")?).map_err(|error| error.to_string())?;
    Ok(text(&parameters, "/Entries/0/Detail/TaskToken")?.to_owned())
}
