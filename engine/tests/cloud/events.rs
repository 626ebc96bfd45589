//! Events: rules, deliveries, retries and dead letters.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::common::{Cloud, Folder, MORNING, eventually, next};
use aws_sdk_eventbridge::types::{InputTransformer, RetryPolicy, RuleState, Target};
use engine::{clock::ManualClock, lambda::FunctionError};
use serde_json::{Value, json};

#[tokio::test]
async fn an_event_reaches_the_functions_whose_rules_match_in_its_envelope() {
    let cloud = Cloud::in_memory();
    cloud.events.create_event_bus().name("Coffee").send().await.unwrap();
    let (wanted, mut receiver) = cloud.listen("wanted");
    let (other, mut other_receiver) = cloud.listen("other");
    cloud.rule("Coffee", "wanted", json!({ "detail-type": ["Order"], "source": ["test"] }), &wanted).await;
    cloud.rule("Coffee", "other", json!({ "detail-type": ["Refund"] }), &other).await;
    cloud.rule("default", "elsewhere", json!({ "source": ["test"] }), &other).await;
    cloud.engine.start();

    let id = cloud.put("Coffee", "Order", json!({ "n": 1 })).await;
    assert_eq!(
        next(&mut receiver).await,
        json!({ "version": "0", "id": id, "detail-type": "Order", "source": "test", "account": "000000000000",
            "time": "2026-11-20T10:00:00Z", "region": "us-east-1", "resources": [], "detail": { "n": 1 } })
    );
    // The first event that the other function receives is a later one, so it did not get the first.
    cloud.put("Coffee", "Refund", json!({ "n": 2 })).await;
    assert_eq!(next(&mut other_receiver).await["detail"], json!({ "n": 2 }));
}

#[tokio::test]
async fn a_disabled_rule_sends_nothing_until_it_is_enabled() {
    let cloud = Cloud::in_memory();
    let (arn, mut receiver) = cloud.listen("f");
    cloud.rule("default", "r", json!({ "source": ["test"] }), &arn).await;
    cloud.engine.start();
    cloud.events.disable_rule().name("r").send().await.unwrap();
    let described = cloud.events.describe_rule().name("r").send().await.unwrap();
    assert_eq!(described.state(), Some(&RuleState::Disabled));
    cloud.put("default", "t", json!({ "n": 1 })).await;
    cloud.events.enable_rule().name("r").send().await.unwrap();
    cloud.put("default", "t", json!({ "n": 2 })).await;
    assert_eq!(next(&mut receiver).await["detail"], json!({ "n": 2 }));
}

#[tokio::test]
async fn a_target_receives_its_configured_input() {
    let cloud = Cloud::in_memory();
    let (arn, mut receiver) = cloud.listen("f");
    cloud.events.put_rule().name("r").event_pattern(r#"{"source":["test"]}"#).send().await.unwrap();
    let transformer = InputTransformer::builder()
        .input_paths_map("id", "$.detail.id")
        .input_template(r#"{"order": <id>, "text": "number <id>"}"#)
        .build()
        .unwrap();
    let target = |id: &str| Target::builder().id(id).arn(&arn);
    let targets = [
        target("1").input(r#"{"constant":1}"#),
        target("2").input_path("$.detail"),
        target("3").input_transformer(transformer),
    ];
    let targets = targets.map(|target| target.build().unwrap()).to_vec();
    cloud.events.put_targets().rule("r").set_targets(Some(targets)).send().await.unwrap();
    cloud.engine.start();
    cloud.put("default", "t", json!({ "id": "7" })).await;
    assert_eq!(next(&mut receiver).await, json!({ "constant": 1 }));
    assert_eq!(next(&mut receiver).await, json!({ "id": "7" }));
    assert_eq!(next(&mut receiver).await, json!({ "order": "7", "text": "number 7" }));
}

#[tokio::test]
async fn a_failing_function_is_retried_and_then_given_up() {
    let cloud = Cloud::in_memory();
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let arn = cloud.function("bad", move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Err(FunctionError::new("Broken", "no milk"))
    });
    cloud.events.put_rule().name("r").event_pattern(r#"{"source":["test"]}"#).send().await.unwrap();
    let policy = RetryPolicy::builder().maximum_retry_attempts(2).build();
    let target = Target::builder().id("1").arn(&arn).retry_policy(policy).build().unwrap();
    cloud.events.put_targets().rule("r").targets(target).send().await.unwrap();
    cloud.engine.start();
    let id = cloud.put("default", "t", json!({})).await;

    for attempt in 1..=3 {
        eventually("the next attempt", || async { (calls.load(Ordering::SeqCst) == attempt).then_some(()) }).await;
        if attempt < 3 {
            // Advancing the clock before the failure is recorded would put the retry after it.
            let engine = &cloud.engine;
            eventually("the failure to be recorded", || async { engine.next_delivery().await.unwrap() }).await;
            cloud.clock.advance(Duration::from_secs(60));
        }
    }
    let dead = eventually("a dead letter", || async { cloud.engine.dead_letters().await.unwrap().pop() }).await;
    assert_eq!((&dead.event_id, &dead.target_arn, dead.attempts), (&id, &arn, 3));
    assert!(dead.reason.contains("no milk"), "{}", dead.reason);
    assert_eq!(calls.load(Ordering::SeqCst), 3);

    // After the function is fixed, the event can be delivered.
    let (_, mut receiver) = cloud.listen("bad");
    let delivery = cloud.engine.replay_dead_letter(dead.id).await.unwrap().unwrap();
    assert_eq!(next(&mut receiver).await["id"], json!(dead.event_id));
    assert!(cloud.engine.dead_letters().await.unwrap().is_empty());
    assert_eq!(cloud.engine.replay_dead_letter(dead.id).await.unwrap(), None);
    eventually("the end of the delivery", || async {
        cloud.engine.delivery(delivery).await.unwrap().is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_acknowledged_event_is_delivered_by_the_next_process() {
    let folder = Folder::new();
    let clock = ManualClock::starting_at(MORNING);
    let first = Cloud::open(Some(&folder.file()), clock.clone());
    let (arn, _) = first.listen("f");
    first.rule("default", "r", json!({ "source": ["test"] }), &arn).await;
    // The delivery loop of the first process never runs: the process ends right after the acknowledgement.
    let id = first.put("default", "t", json!({})).await;
    drop(first);

    let second = Cloud::open(Some(&folder.file()), clock);
    let (_, mut receiver) = second.listen("f");
    second.engine.start();
    assert_eq!(next(&mut receiver).await["id"], Value::String(id));
}

#[tokio::test]
async fn a_pattern_can_be_tried_and_an_unknown_operator_is_refused_by_name() {
    let cloud = Cloud::in_memory();
    let event = json!({ "id": "1", "account": "0", "source": "s", "time": "2026-11-20T10:00:00Z", "region": "r",
        "resources": [], "detail-type": "t", "detail": { "n": 5 } });
    let test = |pattern: Value| {
        cloud.events.test_event_pattern().event(event.to_string()).event_pattern(pattern.to_string()).send()
    };
    assert!(test(json!({ "detail": { "n": [{ "numeric": [">", 4] }] } })).await.unwrap().result());
    assert!(!test(json!({ "detail": { "n": [{ "numeric": [">", 5] }] } })).await.unwrap().result());
    let error = test(json!({ "detail": { "n": [{ "sounds-like": "x" }] } })).await.unwrap_err().into_service_error();
    assert!(error.is_invalid_event_pattern_exception());
    assert!(error.to_string().contains("sounds-like"), "{error}");
}

#[tokio::test]
async fn buses_and_rules_in_use_are_not_deleted() {
    let cloud = Cloud::in_memory();
    let (arn, _) = cloud.listen("f");
    cloud.events.create_event_bus().name("b").send().await.unwrap();
    cloud.rule("b", "r", json!({ "source": ["s"] }), &arn).await;
    cloud.events.delete_rule().event_bus_name("b").name("r").send().await.unwrap_err();
    cloud.events.remove_targets().event_bus_name("b").rule("r").ids("1").send().await.unwrap();
    cloud.events.delete_event_bus().name("b").send().await.unwrap_err();
    cloud.events.delete_rule().event_bus_name("b").name("r").send().await.unwrap();
    cloud.events.delete_event_bus().name("b").send().await.unwrap();
    let error = cloud.events.describe_event_bus().name("b").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception());
}

#[tokio::test]
async fn a_rejected_entry_does_not_affect_the_others() {
    let cloud = Cloud::in_memory();
    let entry = |detail: &str| {
        aws_sdk_eventbridge::types::PutEventsRequestEntry::builder().source("s").detail_type("t").detail(detail).build()
    };
    let answer = cloud.events.put_events().entries(entry("{}")).entries(entry("not json")).send().await.unwrap();
    assert_eq!(answer.failed_entry_count(), 1);
    assert!(answer.entries()[0].event_id().is_some());
    assert_eq!(answer.entries()[1].error_code(), Some("MalformedDetail"));
}
