//! The fuzz target for patterns, events and input transformers.

use serde_json::Value;

use super::{
    input::{Input, InputContext},
    pattern::{FlatEvent, Pattern},
};
use crate::fuzzing::input::parts;

/// Parts: a pattern, an event and a target.
pub fn patterns(bytes: &[u8]) {
    let mut parts = parts(bytes);
    let pattern = Pattern::parse(parts.next().unwrap_or_default());
    let mut json = || parts.next().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let event = json().unwrap_or_default();
    if let Ok(pattern) = pattern {
        pattern.matches(&FlatEvent::of(&event));
    }
    if let Some(Ok(input)) = json().map(|target| Input::of(&target, "t")) {
        input.render(
            &event,
            &InputContext {
                rule_arn: "arn:aws:events:us-east-1:000000000000:rule/r",
                rule_name: "r",
                ingestion_time: "now",
            },
        );
    }
}
