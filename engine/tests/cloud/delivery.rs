//! Deliveries that fail, hang, or cannot succeed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use aws_sdk_eventbridge::types::{RetryPolicy, Target};
use engine::lambda::FunctionError;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::common::{Cloud, eventually, next};

/// A function that sends its payloads to the receiver and never returns.
fn register_hanging(cloud: &Cloud, name: &str) -> (String, mpsc::UnboundedReceiver<Value>) {
    let (called, calls) = mpsc::unbounded_channel();
    let handler = move |payload| {
        called.send(payload).ok();
        Box::pin(std::future::pending()) as _
    };
    (cloud.engine.register_function(name, Arc::new(handler)), calls)
}

#[tokio::test]
async fn hanging_targets_do_not_delay_others() {
    let cloud = Cloud::in_memory();
    let (arn, mut receiver) = cloud.listen("well");
    cloud.rule("default", "well", json!({ "detail-type": ["order"] }), &arn).await;
    let mut stuck = Vec::new();
    // Ten targets with forty events each: more than may be in flight in total.
    for number in 0..10 {
        let (arn, calls) = register_hanging(&cloud, &format!("hangs-{number}"));
        cloud.rule("default", &format!("hangs-{number}"), json!({ "detail-type": ["stuck"] }), &arn).await;
        stuck.push(calls);
    }
    cloud.engine.start();
    for _ in 0..40 {
        cloud.put("default", "stuck", json!({})).await;
    }
    for calls in &mut stuck {
        next(calls).await;
    }
    for number in 0..100 {
        cloud.put("default", "order", json!({ "n": number })).await;
    }
    // All hundred events arrive while the clock stands still, so no hanging call has reached its time limit.
    let mut seen: Vec<i64> = Vec::new();
    while seen.len() < 100 {
        seen.push(next(&mut receiver).await["detail"]["n"].as_i64().unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_target_has_a_limit_of_concurrent_deliveries_and_continues_when_a_call_ends() {
    let cloud = Cloud::in_memory();
    let (arn, mut calls) = register_hanging(&cloud, "hangs");
    cloud.rule("default", "r", json!({ "source": ["test"] }), &arn).await;
    cloud.engine.start();
    for _ in 0..50 {
        cloud.put("default", "t", json!({})).await;
    }
    for _ in 0..32 {
        next(&mut calls).await;
    }
    // A later delivery to another target shows that the delivery loop has run since.
    let (arn, mut receiver) = cloud.listen("other");
    cloud.rule("default", "other", json!({ "detail-type": ["other"] }), &arn).await;
    cloud.put("default", "other", json!({})).await;
    next(&mut receiver).await;
    assert!(calls.try_recv().is_err(), "more deliveries than allowed are in flight");
    // A call that exceeds the time limit of functions is dropped, so the next one can start.
    cloud.clock.advance(Duration::from_secs(15 * 60));
    next(&mut calls).await;
}

#[tokio::test]
async fn an_event_for_a_missing_target_is_a_dead_letter_with_rule_and_type() {
    let cloud = Cloud::in_memory();
    let gone = "arn:aws:lambda:us-east-1:000000000000:function:gone";
    cloud.rule("default", "to-nobody", json!({ "source": ["test"] }), gone).await;
    let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:gone";
    cloud.rule("default", "to-no-machine", json!({ "source": ["test"] }), machine).await;
    cloud.engine.start();
    let id = cloud.put("default", "Order.Placed", json!({})).await;
    let letters = eventually("two dead letters", || async {
        let letters = cloud.engine.dead_letters().await.unwrap();
        (letters.len() == 2).then_some(letters)
    })
    .await;
    for letter in &letters {
        assert_eq!((&letter.event_id, letter.detail_type.as_str(), letter.attempts), (&id, "Order.Placed", 1));
    }
    let mut rules: Vec<_> = letters.iter().map(|letter| letter.rule.as_str()).collect();
    rules.sort_unstable();
    assert_eq!(rules, ["to-no-machine", "to-nobody"]);
}

#[tokio::test]
async fn an_event_beyond_its_maximum_age_is_given_up() {
    let cloud = Cloud::in_memory();
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let arn = cloud.function("bad", move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Err(FunctionError::new("Broken", "no milk"))
    });
    cloud.events.put_rule().name("r").event_pattern(r#"{"source":["test"]}"#).send().await.unwrap();
    let policy = RetryPolicy::builder().maximum_event_age_in_seconds(60).build();
    let target = Target::builder().id("1").arn(&arn).retry_policy(policy).build().unwrap();
    cloud.events.put_targets().rule("r").targets(target).send().await.unwrap();
    cloud.engine.start();
    cloud.put("default", "t", json!({})).await;
    eventually("the first failure", || async { cloud.engine.next_delivery().await.unwrap() }).await;
    cloud.clock.advance(Duration::from_secs(59));
    let dead = eventually("a dead letter", || async { cloud.engine.dead_letters().await.unwrap().pop() }).await;
    assert_eq!((dead.attempts, calls.load(Ordering::SeqCst)), (2, 2));
}

#[tokio::test]
async fn by_default_a_delivery_is_retried_185_times_within_a_day() {
    let cloud = Cloud::in_memory();
    let arn = cloud.function("bad", |_| Err(FunctionError::new("Broken", "no milk")));
    cloud.rule("default", "r", json!({ "source": ["test"] }), &arn).await;
    cloud.engine.start();
    cloud.put("default", "t", json!({})).await;
    let put_at = crate::common::MORNING;
    let dead = eventually("a dead letter", || async {
        if let Some(at) = cloud.engine.next_delivery().await.unwrap() {
            let wait = at.millis() - engine::clock::Clock::now(&cloud.clock).millis();
            cloud.clock.advance(Duration::from_millis(u64::try_from(wait).unwrap_or(0)));
        }
        cloud.engine.dead_letters().await.unwrap().pop()
    })
    .await;
    let hours = (dead.given_up.millis() - put_at.millis()) as f64 / 3_600_000.0;
    assert_eq!(dead.attempts, 186);
    assert!((18.0..=24.0).contains(&hours), "{hours} hours");
}

#[tokio::test]
async fn the_reason_of_a_dead_letter_has_no_task_token() {
    let cloud = Cloud::in_memory();
    let arn = cloud.function("talks", |payload| Err(FunctionError::new("Broken", payload["detail"].to_string())));
    cloud.events.put_rule().name("r").event_pattern(r#"{"source":["test"]}"#).send().await.unwrap();
    let policy = RetryPolicy::builder().maximum_retry_attempts(0).build();
    let target = Target::builder().id("1").arn(&arn).retry_policy(policy).build().unwrap();
    cloud.events.put_targets().rule("r").targets(target).send().await.unwrap();
    cloud.engine.start();
    let token = "AQAAAAAAAAABAAAAAAAAABF".repeat(4);
    cloud.put("default", "t", json!({ "TaskToken": token })).await;
    let dead = eventually("a dead letter", || async { cloud.engine.dead_letters().await.unwrap().pop() }).await;
    assert!(dead.reason.contains("TaskToken") && !dead.reason.contains(&token), "{}", dead.reason);
    assert!(dead.payload.contains(&token), "the stored payload keeps the token");
}
