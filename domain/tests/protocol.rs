//! Checks the examples of `docs/PROTOCOL.md`: each is read as one of the types, and serializes to the same JSON.
#![allow(clippy::allow_attributes, clippy::unwrap_used, reason = "a panic fails the test")]

use domain::live::{ClientFrame, Resume, ServerFrame, Topic, TopicState};
use serde::Deserialize;
use serde_json::Value;

const PROTOCOL: &str = include_str!("../../docs/PROTOCOL.md");

/// One topic in the response to a poll, as `app::loaders::Snapshot`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its Deserialize is used")]
struct PolledTopic {
    topic: Topic,
    state: TopicState,
    position: Resume,
}

fn examples() -> Vec<Value> {
    let blocks = PROTOCOL.split("```json\n").skip(1);
    blocks.map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap()).collect()
}

/// The names of an enum's variants in the examples.
fn seen<'a>(examples: &'a [Value], pointer: &str) -> Vec<&'a str> {
    let mut seen: Vec<&str> = examples.iter().filter_map(|example| example.pointer(pointer)?.as_str()).collect();
    seen.sort_unstable();
    seen.dedup();
    seen
}

#[test]
fn every_example_is_a_frame_without_unknown_members() {
    for example in examples() {
        let serialized = match example.get("frame").and_then(Value::as_str) {
            None => {
                let (_, topics): (i64, Vec<PolledTopic>) = serde_json::from_value(example.clone()).unwrap();
                assert!(!topics.is_empty());
                continue;
            }
            Some("hello") => serde_json::to_value(serde_json::from_value::<ClientFrame>(example.clone()).unwrap()),
            Some(_) => serde_json::to_value(serde_json::from_value::<ServerFrame>(example.clone()).unwrap()),
        };
        assert_eq!(serialized.unwrap(), example, "a member is unknown, misspelt or missing");
    }
}

#[test]
fn every_frame_and_every_change_has_an_example() {
    let examples = examples();
    let frames = ["bye", "delta", "denied", "heartbeat", "hello", "resumed", "snapshot"];
    assert_eq!(seen(&examples, "/frame"), frames);
    let changes = ["boardPut", "boardRemove", "order", "shop", "ticketPut", "ticketRemove"];
    assert_eq!(seen(&examples, "/change/change"), changes);
}

#[test]
fn every_stage_lane_and_outcome_is_named() {
    use domain::view::{Column, Lane, Outcome, Stage};
    let named = |word: &str| PROTOCOL.contains(&format!("`{word}`"));
    // Written as a match, so that a new variant needs a new line here and in the document.
    let word = |value: Value, tag: &str| value.get(tag).and_then(Value::as_str).unwrap().to_owned();
    let barista = domain::BaristaId::new("Ana", "t").unwrap();
    let time = domain::Timestamp(0);
    let ending = domain::Ending::Uncollected;
    let lanes = [
        Lane::UpNext,
        Lane::Making { barista: barista.clone() },
        Lane::Finishing { barista, ready_due: time },
        Lane::HandOver { since: time },
        Lane::Ended { ending, at: time },
    ];
    for lane in lanes {
        match lane {
            Lane::UpNext
            | Lane::Making { .. }
            | Lane::Finishing { .. }
            | Lane::HandOver { .. }
            | Lane::Ended { .. } => {}
        }
        assert!(named(&word(serde_json::to_value(&lane).unwrap(), "lane")), "{lane:?}");
    }
    let stages = [Stage::Choosing, Stage::Submitted, Stage::Waiting, Stage::Making, Stage::Ready];
    let ended = Stage::Ended { outcome: Outcome::Collected };
    for stage in stages.into_iter().chain([ended]) {
        match stage {
            Stage::Choosing
            | Stage::Submitted
            | Stage::Waiting
            | Stage::Making
            | Stage::Ready
            | Stage::Ended { .. } => {}
        }
        assert!(named(&word(serde_json::to_value(&stage).unwrap(), "stage")), "{stage:?}");
    }
    let reason = || "full".to_owned();
    let outcomes = [
        Outcome::Collected,
        Outcome::Uncollected,
        Outcome::CancelledByYou,
        Outcome::CancelledByBar { reason: reason().into() },
        Outcome::TimedOut { who: domain::order::Party::Customer },
        Outcome::Refused { reason: reason() },
    ];
    for outcome in outcomes {
        match outcome {
            Outcome::Collected | Outcome::Uncollected | Outcome::CancelledByYou | Outcome::CancelledByBar { .. } => {}
            Outcome::TimedOut { .. } | Outcome::Refused { .. } => {}
        }
        assert!(named(&word(serde_json::to_value(&outcome).unwrap(), "outcome")), "{outcome:?}");
    }
    for column in [Column::Preparing, Column::Ready] {
        assert!(named(serde_json::to_value(column).unwrap().as_str().unwrap()), "{column:?}");
    }
}
