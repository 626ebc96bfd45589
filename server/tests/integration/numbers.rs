//! Order numbers: short, restarted each business day, and never the same as one that may still be called.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::view::Stage;

use crate::kit::TestServer;

const HOUR: u64 = 60 * 60;

/// The number of a new guest's order. The order is then cancelled, which does not free the number.
async fn order_number(server: &TestServer, key: &str) -> u32 {
    let phone = server.phone().await;
    let order = phone.start(key).await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    phone.submit(&order, "Latte").await.ok();
    let number = live.order(&order, |view| view.number.is_some()).await.number.unwrap().0;
    phone.command("cancel_order", &order).await.ok();
    live.order(&order, |view| matches!(view.stage, Stage::Ended { .. })).await;
    number
}

/// Sets the last number that was assigned.
async fn set_last_number(server: &TestServer, number: u32) {
    let mut item = server.records().count("orderID").await.unwrap();
    item.insert("IDvalue".to_owned(), AttributeValue::N(number.to_string()));
    server.records().put_count(item).await;
}

/// Reserves a number for another order until `until`.
async fn reserve(server: &TestServer, number: u32, until: &str) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let item = [("PK", text(&format!("number {number}"))), ("orderId", text("another")), ("heldUntil", text(until))];
    server.records().put_count(HashMap::from(item.map(|(name, value)| (name.to_owned(), value)))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_start_again_on_the_next_business_day() {
    let server = TestServer::open().await;
    assert_eq!([order_number(&server, "a").await, order_number(&server, "b").await], [1, 2]);
    server.advance(24 * HOUR);
    assert_eq!(order_number(&server, "c").await, 1);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_999_comes_the_first_free_number() {
    let server = TestServer::open().await;
    order_number(&server, "first").await;
    set_last_number(&server, 998).await;
    assert_eq!(order_number(&server, "a").await, 999);
    reserve(&server, 3, "2026-11-20T11:00:00.000Z").await;
    assert_eq!(order_number(&server, "b").await, 2, "1 was assigned a moment ago");
    assert_eq!(order_number(&server, "c").await, 4, "3 is reserved for an order that is open");
    set_last_number(&server, 999).await;
    server.advance(3 * HOUR);
    assert_eq!([order_number(&server, "d").await, order_number(&server, "e").await], [1, 2]);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_business_day_starts_with_the_first_number_that_is_free() {
    let server = TestServer::open().await;
    order_number(&server, "first").await;
    set_last_number(&server, 41).await;
    server.advance(24 * HOUR);
    for number in 1..=60 {
        reserve(&server, number, "2026-11-21T23:00:00.000Z").await;
    }
    assert_eq!(order_number(&server, "a").await, 61);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_more_than_three_digits_only_while_all_shorter_ones_are_held() {
    let server = TestServer::open().await;
    order_number(&server, "first").await;
    for number in 1..=999 {
        reserve(&server, number, "2026-11-20T11:00:00.000Z").await;
    }
    assert_eq!(
        [order_number(&server, "a").await, order_number(&server, "b").await, order_number(&server, "c").await],
        [1000, 1001, 1002]
    );
    server.advance(HOUR);
    assert!(order_number(&server, "d").await < 1000);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_orders_get_different_numbers_when_numbers_restart() {
    let server = TestServer::open().await;
    order_number(&server, "first").await;
    set_last_number(&server, 990).await;
    server.advance(4 * HOUR);
    let keys: Vec<String> = (0..30).map(|at| format!("k{at}")).collect();
    let assigned = futures_util::future::join_all(keys.iter().map(|key| order_number(&server, key))).await;
    let different: HashSet<u32> = assigned.iter().copied().collect();
    assert_eq!(different.len(), assigned.len(), "{assigned:?}");
    assert!(assigned.iter().all(|number| *number < 1000), "{assigned:?}");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_sent_without_numbering_gets_a_number_too() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    let records = server.records();
    let token = records.text(&order, "TaskToken").await;
    records.workflows.send_task_success().task_token(token).output("{}").send().await.unwrap();
    live.order(&order, |view| view.number.is_some_and(|number| number.0 == 1)).await;
    let held = records.count("number 1").await.unwrap()["heldUntil"].as_s().unwrap().clone();
    assert_eq!(held, "2026-11-20T24:00:00.000Z");
    server.running.shutdown().await;
}
