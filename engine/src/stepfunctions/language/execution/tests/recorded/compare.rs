//! Compares our history with a recorded one, except for values that the recording has replaced by placeholders.

use serde_json::Value;

/// Members that depend on the account of the recording, or on a service that another one replaces.
const OF_THE_ACCOUNT: [&str; 6] = ["timestamp", "roleArn", "region", "FunctionName", "resource", "resourceType"];

/// The number of the first event that differs, and how.
pub(super) fn difference(ours: &[Value], recorded: &[Value]) -> Option<(usize, String)> {
    for (at, (ours, recorded)) in (1..).zip(ours.iter().zip(recorded)) {
        let mut recorded = recorded.clone();
        // Some recordings omit the ids of branches that run in parallel.
        if recorded["id"].is_array() {
            for name in ["id", "previousEventId"] {
                recorded[name] = ours[name].clone();
            }
        }
        if let Some(how) = value_difference(ours, &recorded, "") {
            return Some((at, format!("{how}\n    ours {ours}\n    AWS  {recorded}")));
        }
    }
    let (ours, theirs) = (ours.len(), recorded.len());
    (ours != theirs)
        .then(|| (ours.min(theirs) + 1, format!("we have {ours} events, AWS {theirs}: {:?}", recorded.get(ours))))
}

fn value_difference(ours: &Value, recorded: &Value, place: &str) -> Option<String> {
    let how = || Some(format!("{place}: {ours} and not {recorded}"));
    match (ours, recorded) {
        (_, Value::String(placeholder)) if is_placeholder(placeholder) => None,
        (Value::Object(ours), Value::Object(recorded)) => {
            for (name, value) in recorded {
                let place = format!("{place}/{name}");
                if OF_THE_ACCOUNT.contains(&name.as_str()) {
                    continue;
                }
                match ours.get(name) {
                    Some(our) => {
                        if let Some(how) = value_difference(our, value, &place) {
                            return Some(how);
                        }
                    }
                    None => return Some(format!("{place} is missing; AWS has {value}")),
                }
            }
            let more =
                ours.keys().find(|name| !recorded.contains_key(*name) && !OF_THE_ACCOUNT.contains(&name.as_str()));
            more.map(|name| format!("{place}/{name} is only in our history"))
        }
        (Value::Array(ours), Value::Array(recorded)) if ours.len() == recorded.len() => {
            ours.iter().zip(recorded).find_map(|(ours, recorded)| value_difference(ours, recorded, place))
        }
        (Value::String(text), Value::String(recorded)) if is_same_text(text, recorded) => None,
        (Value::Object(_) | Value::Array(_), Value::String(text)) => match serde_json::from_str::<Value>(text) {
            Ok(json) => value_difference(ours, &json, place),
            Err(_) => how(),
        },
        (Value::String(text), recorded) => match serde_json::from_str::<Value>(text) {
            Ok(json) if json != *ours => value_difference(&json, recorded, place),
            _ if ours == recorded => None,
            _ => how(),
        },
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => None,
        _ if ours == recorded => None,
        _ => how(),
    }
}

fn is_placeholder(text: &str) -> bool {
    text.starts_with('<') && text.ends_with('>')
        || matches!(text, "timestamp" | "date" | "datetime" | "start-time" | "entered-time")
        || text.ends_with("_role_arn")
}

/// Equality, where a placeholder matches any run of characters.
fn is_same_text(ours: &str, recorded: &str) -> bool {
    let recorded = recorded.replace("111111111111", "<account>");
    let mut parts = recorded.split('<').map(|part| part.split_once('>').map_or(part, |(_, rest)| rest));
    let Some(first) = parts.next() else { return ours.is_empty() };
    let Some(mut rest) = ours.strip_prefix(first) else { return false };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) if !part.is_empty() => rest = after,
            Some(_) => rest = "",
            None => return false,
        }
    }
    rest.is_empty()
}

#[test]
fn placeholders_match_any_characters() {
    assert!(is_same_text("arn:x:function:f", "arn:<partition>:function:f"));
    assert!(is_same_text("a (token)", "a (<token>)"));
    assert!(!is_same_text("b (token)", "a (<token>)"));
    assert!(is_same_text("plain", "plain") && !is_same_text("plain", "plainer"));
}
