//! Order numbers: short, restarted each business day, and never the same as one that may still be called.

use std::collections::{HashMap, HashSet};

use crate::kit::TestServer;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::view::Stage;

const HOUR: u64 = 60 * 60;

/// The number of a new guest's order. The order is then cancelled, which does not free the number.
async fn draw(bar: &TestServer, key: &str) -> u32 {
    let phone = bar.phone().await;
    let order = phone.start(key).await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    phone.submit(&order, "Latte").await.ok();
    let number = live.order(&order, |view| view.number.is_some()).await.number.unwrap().0;
    phone.command("cancel_order", &order).await.ok();
    live.order(&order, |view| matches!(view.stage, Stage::Ended { .. })).await;
    number
}

/// Sets the last number that was drawn.
async fn last_was(bar: &TestServer, number: u32) {
    let mut item = bar.records().count("orderID").await.unwrap();
    item.insert("IDvalue".to_owned(), AttributeValue::N(number.to_string()));
    bar.records().put_count(item).await;
}

/// Holds a number for another order until `until`.
async fn hold(bar: &TestServer, number: u32, until: &str) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let item = [("PK", text(&format!("number {number}"))), ("orderId", text("another")), ("heldUntil", text(until))];
    bar.records().put_count(HashMap::from(item.map(|(name, value)| (name.to_owned(), value)))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_start_again_on_the_next_business_day() {
    let bar = TestServer::open().await;
    assert_eq!([draw(&bar, "a").await, draw(&bar, "b").await], [1, 2]);
    bar.advance(24 * HOUR);
    assert_eq!(draw(&bar, "c").await, 1);
    bar.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_999_comes_the_first_free_number() {
    let bar = TestServer::open().await;
    draw(&bar, "first").await;
    last_was(&bar, 998).await;
    assert_eq!(draw(&bar, "a").await, 999);
    hold(&bar, 3, "2026-11-20T11:00:00.000Z").await;
    assert_eq!(draw(&bar, "b").await, 2, "1 was drawn a moment ago");
    assert_eq!(draw(&bar, "c").await, 4, "3 is held for an order that is open");
    last_was(&bar, 999).await;
    bar.advance(3 * HOUR);
    assert_eq!([draw(&bar, "d").await, draw(&bar, "e").await], [1, 2]);
    bar.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_business_day_starts_with_the_first_number_that_is_free() {
    let bar = TestServer::open().await;
    draw(&bar, "first").await;
    last_was(&bar, 41).await;
    bar.advance(24 * HOUR);
    for number in 1..=60 {
        hold(&bar, number, "2026-11-21T23:00:00.000Z").await;
    }
    assert_eq!(draw(&bar, "a").await, 61);
    bar.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_more_than_three_digits_only_while_all_shorter_ones_are_held() {
    let bar = TestServer::open().await;
    draw(&bar, "first").await;
    for number in 1..=999 {
        hold(&bar, number, "2026-11-20T11:00:00.000Z").await;
    }
    assert_eq!([draw(&bar, "a").await, draw(&bar, "b").await, draw(&bar, "c").await], [1000, 1001, 1002]);
    bar.advance(HOUR);
    assert!(draw(&bar, "d").await < 1000);
    bar.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_orders_get_different_numbers_when_numbers_restart() {
    let bar = TestServer::open().await;
    draw(&bar, "first").await;
    last_was(&bar, 990).await;
    bar.advance(4 * HOUR);
    let keys: Vec<String> = (0..30).map(|at| format!("k{at}")).collect();
    let drawn = futures_util::future::join_all(keys.iter().map(|key| draw(&bar, key))).await;
    let different: HashSet<u32> = drawn.iter().copied().collect();
    assert_eq!(different.len(), drawn.len(), "{drawn:?}");
    assert!(drawn.iter().all(|number| *number < 1000), "{drawn:?}");
    bar.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_sent_without_numbering_gets_a_number_too() {
    let bar = TestServer::open().await;
    let phone = bar.phone().await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    let records = bar.records();
    let token = records.text(&order, "TaskToken").await;
    records.workflows.send_task_success().task_token(token).output("{}").send().await.unwrap();
    live.order(&order, |view| view.number.is_some_and(|number| number.0 == 1)).await;
    let held = records.count("number 1").await.unwrap()["heldUntil"].as_s().unwrap().clone();
    assert_eq!(held, "2026-11-20T24:00:00.000Z");
    bar.running.shutdown().await;
}
