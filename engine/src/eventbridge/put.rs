//! PutEvents: the envelope, the matching rules, and a delivery for each of their targets.

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    api::{
        context::{Context, Transaction},
        request,
        shape::validate,
    },
    clock::{self, Timestamp},
    error::ApiError,
    eventbridge::{
        buses::{self, bus_name, refuse_members},
        input::{Input, InputContext},
        pattern::{FlatEvent, Pattern},
        rules::rule_arn,
        shapes,
        targets::retry_policy,
    },
    logs::groups,
    outbox::{
        queue::{self, Delivery},
        target_kind::TargetKind,
    },
};

/// Maximum number of entries in one request.
const MAX_ENTRIES: usize = 10;
/// Maximum size of all entries of one request, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// PutEvents. `resources` are added to the envelopes: the state machine and execution, if a workflow puts the events.
pub(crate) fn put(tx: &Transaction<'_>, request: &Value, resources: &[String]) -> Result<Value, ApiError> {
    validate(request, shapes::PUT_EVENTS)?;
    refuse_members(request, &["EndpointId"])?;
    let entries = request::list(request, "Entries")?;
    if entries.len() > MAX_ENTRIES {
        let rule = format!("Member must have length less than or equal to {MAX_ENTRIES}");
        let shown: Vec<String> = entries.iter().map(format_entry).collect();
        return Err(request::constraint_violation("entries", &format!("[{}]", shown.join(", ")), &rule));
    }
    if entries.iter().map(size_of_entry).sum::<usize>() > MAX_BYTES {
        return Err(ApiError::validation("Total size of the entries in the request is over the limit."));
    }
    let mut answers = Vec::with_capacity(entries.len());
    let mut failed = 0;
    for entry in entries {
        match envelope(tx.context, tx.now(), entry, resources) {
            Ok((bus, event)) => {
                answers.push(json!({ "EventId": event.get("id") }));
                publish(tx, bus, &event)?;
            }
            Err(RejectedEntry { code, message }) => {
                failed += 1;
                answers.push(json!({ "ErrorCode": code, "ErrorMessage": message }));
            }
        }
    }
    Ok(json!({ "FailedEntryCount": failed, "Entries": answers }))
}

/// An entry as AWS prints it in an error.
fn format_entry(entry: &Value) -> String {
    let member = |name: &str| match entry.get(name) {
        None | Some(Value::Null) => "null".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            format!("[{}]", items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
        }
        Some(other) => other.to_string(),
    };
    format!(
        "PutEventsRequestEntry(time={}, source={}, resources={}, detailType={}, detail={}, eventBusName={}, \
         traceHeader={}, kmsKeyIdentifier=null, internalMetadata=null)",
        member("Time"),
        member("Source"),
        member("Resources"),
        member("DetailType"),
        member("Detail"),
        member("EventBusName"),
        member("TraceHeader"),
    )
}

/// Why an entry is rejected; the other entries of the request are accepted.
struct RejectedEntry {
    code: &'static str,
    message: String,
}

fn envelope<'e>(
    context: &Context,
    now: Timestamp,
    entry: &'e Value,
    put_by: &[String],
) -> Result<(&'e str, Value), RejectedEntry> {
    let member = |name: &str| match entry.get(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(RejectedEntry {
            code: "InvalidArgument",
            message: format!("Parameter {name} is not valid. Reason: {name} is a required argument."),
        }),
    };
    let (source, detail_type) = (member("Source")?, member("DetailType")?);
    let detail: Value = serde_json::from_str(member("Detail")?).ok().filter(Value::is_object).ok_or_else(|| {
        // AWS accepts only objects.
        RejectedEntry { code: "MalformedDetail", message: "Detail is malformed.".to_owned() }
    })?;
    if source.starts_with("aws.") {
        let message = "Not authorized for the source.".to_owned();
        return Err(RejectedEntry { code: "NotAuthorizedForSourceException", message });
    }
    let malformed = |error: ApiError| RejectedEntry { code: "InvalidArgument", message: error.message };
    let bus = bus_name(entry, "EventBusName").map_err(malformed)?;
    let time = request::optional_time(entry, "Time").map_err(malformed)?.unwrap_or(now);
    let given = entry.get("Resources").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let resources: Vec<&str> = given.chain(put_by.iter().map(String::as_str)).collect();
    let event = json!({
        "version": "0",
        "id": clock::uuid(&*context.rng),
        "detail-type": detail_type,
        "source": source,
        "account": context.account.id,
        "time": time.rfc3339_seconds(),
        "region": context.account.region,
        "resources": resources,
        "detail": detail,
    });
    Ok((bus, event))
}

/// Adds a delivery for each target of each matching rule.
fn publish(tx: &Transaction<'_>, bus: &str, event: &Value) -> Result<(), ApiError> {
    if !buses::exists(tx.db(), bus)? {
        // AWS accepts the event and drops it.
        tracing::warn!(bus, "an event was put on a bus that does not exist; it is dropped");
        return Ok(());
    }
    let mut rules =
        tx.db().prepare_cached("SELECT name, pattern FROM event_rules WHERE bus = ?1 AND enabled = 1 ORDER BY name")?;
    let rules = rules.query_map([bus], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let flat_event = FlatEvent::of(event);
    for rule in rules {
        let (name, pattern) = rule?;
        let pattern: Arc<Pattern> = tx.context.patterns.get(&pattern)?;
        if pattern.matches(&flat_event) {
            send_to_targets(tx, bus, &name, event)?;
        }
    }
    Ok(())
}

fn send_to_targets(tx: &Transaction<'_>, bus: &str, rule: &str, event: &Value) -> Result<(), ApiError> {
    let mut targets =
        tx.db().prepare_cached("SELECT arn, target FROM event_targets WHERE bus = ?1 AND rule = ?2 ORDER BY id")?;
    let targets = targets.query_map((bus, rule), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let rule_arn = rule_arn(tx.context, bus, rule);
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let (event_id, detail_type) = (text("id"), text("detail-type"));
    for target in targets {
        let (arn, target) = target?;
        let target: Value = serde_json::from_str(&target)
            .map_err(|error| ApiError::internal(format!("a stored target of rule {rule} is not JSON: {error}")))?;
        let payload = Input::of(&target, "")?.render(
            event,
            &InputContext { rule_arn: &rule_arn, rule_name: rule, ingestion_time: &tx.now().rfc3339_seconds() },
        );
        if TargetKind::of(&arn) == Some(TargetKind::LogGroup) {
            // The log is in the same store, so it is written at once instead of delivered.
            groups::append(tx, groups::group_of(&arn), &payload)?;
            continue;
        }
        let delivery = Delivery {
            event_id,
            rule,
            detail_type,
            target_arn: &arn,
            payload: &payload,
            caller: None,
            bare_answer: false,
        };
        queue::enqueue(tx.job, &delivery, retry_policy(&target)?)?;
    }
    Ok(())
}

/// TestEventPattern: whether a pattern matches an event.
pub(super) fn test_pattern(_: &Context, _: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::TEST_EVENT_PATTERN)?;
    let pattern = Pattern::parse(request::text(request, "EventPattern")?)?;
    let event: Value = serde_json::from_str(request::text(request, "Event")?)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| ApiError::validation("Parameter Event is not valid. Reason: it is not a JSON object."))?;
    const WANTED: [&str; 7] = ["id", "account", "source", "time", "region", "resources", "detail-type"];
    if let Some(missing) = WANTED.iter().find(|name| event.get(**name).is_none()) {
        let message = format!("Parameter Event is not valid. Reason: the member {missing} is missing.");
        return Err(ApiError::validation(message));
    }
    Ok(json!({ "Result": pattern.matches(&FlatEvent::of(&event)) }))
}

/// The size that AWS counts: the strings of an entry, and 14 bytes for its time.
fn size_of_entry(entry: &Value) -> usize {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map_or(0, str::len);
    let time = if entry.get("Time").is_some() { 14 } else { 0 };
    let resources = entry.get("Resources").and_then(Value::as_array).into_iter().flatten();
    let resources: usize = resources.filter_map(Value::as_str).map(str::len).sum();
    time + resources + text("Source") + text("DetailType") + text("Detail")
}
