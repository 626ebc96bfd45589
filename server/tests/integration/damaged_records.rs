//! Repairs after crashes, lost events and foreign changes of the tables.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    live::ServerFrame,
    view::{Lane, Outcome, Stage},
};

use crate::kit::{START, TestServer};

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Copies the record of `order` to `id`, as it was before a workflow waited for it.
async fn put_unstarted(server: &TestServer, order: &str, id: &str) {
    let mut item = server.records().order(order).await;
    item.retain(|name, _| !matches!(name.as_str(), "TaskToken" | "chooseBy"));
    item.insert("awaiting".into(), text("NONE"));
    item.insert("SK".into(), text(id));
    server.records().put_order(item).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_was_recorded_but_not_sent_is_sent() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    // The process died between its two writes: the choice is in the table, and the token is still open.
    let mut item = server.records().order(&order).await;
    let version: i64 = item["version"].as_n().unwrap().parse().unwrap();
    item.insert("drinkOrder".into(), text(r#"{"userId":"x","drink":"Latte","modifiers":["Regular"],"icon":"latte"}"#));
    item.insert("submittedAt".into(), number(START));
    item.insert("version".into(), number(version + 1));
    server.records().put_order(item).await;
    let server = server.reopen().await;
    let mut queue = tablet.at(server.running.address).live(&["queue"]).await;
    server.advance(3);
    let tickets = queue.queue(|tickets| tickets.len() == 1).await;
    assert_eq!(tickets[0].drink.as_ref().unwrap().drink, "Latte");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_recorded_but_not_started_is_started() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    // The same order under another id, which has no workflow.
    put_unstarted(&server, &order, "unstarted").await;
    server.advance(1);
    let mut unstarted = phone.live(&["order/unstarted"]).await;
    server.advance(3);
    unstarted.order("unstarted", |view| view.choose_by.is_some()).await;
    assert_eq!(server.records().executions("RUNNING").await, 2);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_before_the_token_is_sent_when_the_token_arrives() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    // An order whose workflow has not reached its first step yet.
    put_unstarted(&server, &order, "early").await;
    server.advance(1);
    let answer = phone.submit("early", "Latte").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut early = phone.live(&["order/early"]).await;
    server.advance(3);
    early.order("early", |view| view.number.is_some()).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_workflow_was_stopped_ends_with_a_reason() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    let records = server.records();
    let machines = records.workflows.list_state_machines().send().await.unwrap();
    let executions =
        records.workflows.list_executions().state_machine_arn(machines.state_machines()[0].state_machine_arn());
    let execution = executions.send().await.unwrap().executions()[0].execution_arn().to_owned();
    records.workflows.stop_execution().execution_arn(execution).send().await.unwrap();
    server.advance(300);
    server.advance(60);
    live.order(&order, |view| matches!(view.stage, Stage::Ended { outcome: Outcome::TimedOut { .. } })).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_by_other_processes_are_shown_within_half_a_second() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}"), "shop"]).await;
    let mut queue = tablet.live(&["queue"]).await;
    phone.submit(&order, "Latte").await.ok();
    live.order(&order, |view| view.number.is_some()).await;
    let mut item = server.records().order(&order).await;
    let version: i64 = item["version"].as_n().unwrap().parse().unwrap();
    item.insert("baristaUserId".into(), text("Ben~elsewhere"));
    item.insert("barState".into(), text("MAKING"));
    item.insert("barTurn".into(), number(1));
    item.insert("version".into(), number(version + 1));
    server.records().put_order(item).await;
    let closed = [("PK", text("config")), ("storeOpen", AttributeValue::Bool(false)), ("maxOrdersInQueue", number(9))];
    server.records().put_config(HashMap::from(closed.map(|(name, value)| (name.to_owned(), value)))).await;
    server.clock.advance(std::time::Duration::from_millis(500));
    live.order(&order, |view| view.stage == Stage::Making).await;
    queue
        .queue(|tickets| {
            tickets.iter().any(|ticket| matches!(&ticket.lane, Lane::Making { barista } if barista.name() == "Ben"))
        })
        .await;
    live.shop(|shop| shop.state == domain::ShopState::Closed).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_connection_gets_a_heartbeat_every_five_seconds() {
    let server = TestServer::open().await;
    let mut live = server.phone().await.live(&["board"]).await;
    for beat in 1..=3 {
        server.advance(5);
        let Some(ServerFrame::Heartbeat { now }) = live.next().await else { panic!("a heartbeat") };
        assert_eq!(now.0, START + beat * 5_000);
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn started_orders_are_the_sum_of_ended_and_open_ones() {
    let server = TestServer::open().await;
    let tablet = server.tablet("Ana").await;
    let mut queue = tablet.live(&["queue"]).await;
    let mut orders = Vec::new();
    for turn in 0..6 {
        let phone = server.phone().await;
        let order = phone.start("k").await;
        let mut live = phone.live(&[&format!("order/{order}")]).await;
        live.order(&order, |view| view.choose_by.is_some()).await;
        if turn != 5 {
            phone.submit(&order, "Latte").await.ok();
            live.order(&order, |view| view.number.is_some()).await;
        }
        orders.push((phone, order));
    }
    orders[0].0.command("cancel_order", &orders[0].1).await.ok();
    for (_, order) in &orders[1..4] {
        tablet.command("complete_order", order).await.ok();
    }
    server.advance(4);
    queue
        .queue(|tickets| tickets.iter().filter(|ticket| matches!(ticket.lane, Lane::HandOver { .. })).count() == 3)
        .await;
    orders[1].0.command("collect_order", &orders[1].1).await.ok();
    tablet.command("hand_over_order", &orders[2].1).await.ok();
    server.advance(600);
    queue
        .queue(|tickets| {
            tickets.iter().all(|ticket| ticket.id.as_str() == orders[4].1 || matches!(ticket.lane, Lane::Ended { .. }))
        })
        .await;
    let mut counts: HashMap<String, u32> = HashMap::new();
    for (_, order) in &orders {
        *counts.entry(server.records().text(order, "ORDERSTATE").await).or_default() += 1;
    }
    let expected = [("CANCELLED", 1), ("COLLECTED", 2), ("UNCOLLECTED", 1), ("TIMED_OUT", 1), ("CREATED", 1)];
    assert_eq!(counts, expected.map(|(state, count)| (state.to_owned(), count)).into());
    server.running.shutdown().await;
}

/// Writes the order as a newer release might.
async fn write_unknown(server: &TestServer, order: &str, name: &str, value: &str) -> HashMap<String, AttributeValue> {
    let mut item = server.records().order(order).await;
    item.insert(name.into(), text(value));
    item.insert("version".into(), number(100));
    server.records().put_order(item.clone()).await;
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_a_newer_release_is_neither_acted_on_nor_overwritten() {
    for (name, value) in [
        ("ending", r#"{"type":"donated","to":"a neighbour"}"#),
        ("barState", "FROTHING"),
        ("awaiting", "ROBOT"),
        ("ORDERSTATE", "ARCHIVED"),
        ("drinkOrder", r#"{"recipe":7}"#),
    ] {
        let server = TestServer::open().await;
        let phone = server.phone().await;
        let order = phone.start("k").await;
        phone.live(&[&format!("order/{order}")]).await.order(&order, |view| view.choose_by.is_some()).await;
        let item = write_unknown(&server, &order, name, value).await;
        let answer = phone.submit(&order, "Latte").await;
        assert_eq!(answer.status, 503, "{name}: {}", answer.text());
        // The workflow times out, and upkeep runs, also after a restart.
        let server = server.reopen().await;
        server.advance(301);
        let letters = dead_letters(&server, 1).await;
        assert!(letters[0].contains("RecordRefused") && letters[0].contains(name), "{letters:?}");
        assert_eq!(server.records().order(&order).await, item, "{name}");
        server.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_last_order_cannot_be_read_may_order_again() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let first = phone.start("first").await;
    phone.live(&[&format!("order/{first}")]).await.order(&first, |view| view.choose_by.is_some()).await;
    write_unknown(&server, &first, "ending", "{}").await;
    let second = phone.start("second").await;
    assert_ne!(second, first);
    server.records().delete_order(&second).await;
    let third = phone.start("third").await;
    // The row itself may be damaged, too.
    let customer = server.records().text(&third, "USERID").await;
    let row = |order: Option<AttributeValue>| {
        let keys = [("PK", text("phones")), ("SK", text(&customer))];
        keys.into_iter().chain(order.map(|order| ("orderId", order))).map(|(name, value)| (name.to_owned(), value))
    };
    for (number, spoilt) in [None, Some(number(7)), Some(text("../up"))].into_iter().enumerate() {
        server.records().put_order(row(spoilt).collect()).await;
        phone.start(&format!("again-{number}")).await;
    }
    server.running.shutdown().await;
}

/// The reasons of the first `count` dead letters.
async fn dead_letters(server: &TestServer, count: usize) -> Vec<String> {
    let engine = server.running.engine.clone().unwrap();
    let wait = async {
        loop {
            let letters = engine.dead_letters().await.unwrap();
            if letters.len() >= count {
                return letters.into_iter().map(|letter| letter.reason).collect();
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.unwrap()
}

async fn put_event(server: &TestServer, detail_type: &str, detail: serde_json::Value) {
    let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
        .event_bus_name("Serverlesspresso")
        .source("awsserverlessda.serverlesspresso")
        .detail_type(detail_type)
        .detail(detail.to_string())
        .build();
    let put = server.records().events.put_events().entries(entry).send().await.unwrap();
    assert_eq!(put.failed_entry_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_another_customer_and_a_malformed_one_become_dead_letters() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    let before = server.records().order(&order).await;
    let started = "OrderProcessor.WorkflowStarted";
    let theirs = serde_json::json!({ "orderId": order, "userId": "somebody-else", "TaskToken": "zzz" });
    put_event(&server, started, theirs).await;
    let letters = dead_letters(&server, 1).await;
    assert!(letters[0].contains("belongs to another customer"), "{letters:?}");
    put_event(&server, started, serde_json::json!({ "orderId": order, "userId": 7 })).await;
    let letters = dead_letters(&server, 2).await;
    assert!(letters[1].contains("MalformedEvent"), "{letters:?}");
    assert_eq!(server.records().order(&order).await, before);
    server.running.shutdown().await;
}
