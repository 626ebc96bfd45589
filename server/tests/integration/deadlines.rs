//! What happens when nobody acts, and when the shop does not accept an order.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Ending,
    order::Party,
    view::{Lane, Outcome, Stage},
};

use crate::kit::{Sample, TestServer, parse};

fn timed_out(who: Party) -> Stage {
    Stage::Ended { outcome: Outcome::TimedOut { who } }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_seconds_without_a_choice_end_the_order_everywhere() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let mut queue = tablet.live(&["queue"]).await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    server.advance(299);
    assert_eq!(server.records().executions("RUNNING").await, 1);
    server.advance(1);
    live.order(&order, |view| view.stage == timed_out(Party::Customer)).await;
    let tickets = queue.queue(|tickets| tickets.len() == 1).await;
    assert!(matches!(tickets[0].lane, Lane::Ended { ending: Ending::TimedOut { who: Party::Customer }, .. }));
    let records = server.records();
    let found = (records.text(&order, "ORDERSTATE").await, records.text(&order, "reason").await);
    assert_eq!(found, ("TIMED_OUT".to_owned(), "Customer timedout".to_owned()));
    assert_eq!(records.text(&order, "TaskToken").await, "", "a spent token is not kept");
    let late = phone.submit(&order, "Latte").await;
    assert_eq!((late.status, late.text().contains("timedOut")), (409, true));
    server.advance(120);
    queue.queue(<[_]>::is_empty).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_hundred_seconds_without_a_barista_end_the_order_everywhere() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let mut bar_live = tablet.live(&["queue", "board"]).await;
    let order = phone.post("/api/submit_order", &[("key", "k"), ("drink", "Latte")]).await.ok()["id"].clone();
    let order = order.as_str().unwrap();
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(order, |view| view.number.is_some()).await;
    bar_live.board(|board| board.len() == 1).await;
    tablet.command("claim_order", order).await.ok();
    server.advance(900);
    live.order(order, |view| view.stage == timed_out(Party::Barista)).await;
    bar_live.board(<[_]>::is_empty).await;
    bar_live
        .queue(|tickets| {
            tickets.iter().any(|ticket| {
                matches!(ticket.lane, Lane::Ended { ending: Ending::TimedOut { who: Party::Barista }, .. })
            })
        })
        .await;
    let records = server.records();
    let found = (records.text(order, "ORDERSTATE").await, records.text(order, "reason").await);
    assert_eq!(found, ("TIMED_OUT".to_owned(), "Barista timedout".to_owned()));
    let late = tablet.command("complete_order", order).await;
    assert_eq!((late.status, late.text().contains("timedOut")), (409, true));
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uncollected_drink_is_ended_after_ten_minutes() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    phone.submit(&order, "Latte").await.ok();
    live.order(&order, |view| view.number.is_some()).await;
    tablet.command("complete_order", &order).await.ok();
    server.advance(4);
    live.order(&order, |view| view.stage == Stage::Ready).await;
    server.advance(600);
    live.order(&order, |view| view.stage == Stage::Ended { outcome: Outcome::Uncollected }).await;
    assert_eq!(server.records().text(&order, "ORDERSTATE").await, "UNCOLLECTED");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_while_choosing_or_waiting_ends_the_workflow_as_a_cancel() {
    let server = TestServer::open().await;
    let (one, two, tablet) = (server.phone().await, server.phone().await, server.tablet("Ana").await);
    let first = one.start("k").await;
    let mut live = one.live(&[&format!("order/{first}")]).await;
    live.order(&first, |view| view.choose_by.is_some()).await;
    one.command("cancel_order", &first).await.ok();
    live.order(&first, |view| view.stage == Stage::Ended { outcome: Outcome::CancelledByYou }).await;

    let second = two.start("k").await;
    let mut live = two.live(&[&format!("order/{second}")]).await;
    two.submit(&second, "Latte").await.ok();
    live.order(&second, |view| view.number.is_some()).await;
    tablet.post("/api/cancel_at_bar", &[("order", &second), ("reason", "The milk is gone")]).await.ok();
    let outcome = Outcome::CancelledByBar { reason: "The milk is gone".into() };
    live.order(&second, |view| view.stage == Stage::Ended { outcome: outcome.clone() }).await;
    let records = server.records();
    assert_eq!(records.text(&second, "reason").await, "The milk is gone");
    assert_eq!((records.executions("SUCCEEDED").await, records.executions("FAILED").await), (2, 0));
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_is_closed_full_or_not_set_up_refuses_with_the_reason() {
    let server = TestServer::open().await;
    let tablet = server.tablet("Ana").await;
    let refused = async |words: &str| {
        let phone = server.phone().await;
        let order = phone.start("k").await;
        let mut live = phone.live(&[&format!("order/{order}")]).await;
        let outcome = Outcome::Refused { reason: words.to_owned() };
        live.order(&order, |view| view.stage == Stage::Ended { outcome: outcome.clone() }).await;
    };
    let put = async |attributes: &[(&str, AttributeValue)]| {
        let key = [("PK", AttributeValue::S("config".into()))];
        let item: HashMap<_, _> =
            key.iter().chain(attributes).map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        server.records().put_config(item).await;
    };
    let open = ("storeOpen", AttributeValue::Bool(true));
    // The workflow reads changes of the table at once, the server's own check only when it polls.
    put(&[open.clone(), ("maxOrdersInQueue", AttributeValue::N("1".into()))]).await;
    let first = server.phone().await;
    let order = first.start("k").await;
    first.live(&[&format!("order/{order}")]).await.order(&order, |view| view.choose_by.is_some()).await;
    refused("full").await;
    put(&[open]).await;
    refused("not set up").await;
    put(&[("storeOpen", AttributeValue::Bool(false)), ("maxOrdersInQueue", AttributeValue::N("1".into()))]).await;
    refused("closed").await;
    assert_eq!(server.records().executions("FAILED").await, 0);
    // Their executions are gone after 15 minutes; the records are kept.
    assert_eq!(server.records().executions("SUCCEEDED").await, 3);
    server.advance(901);
    while server.records().executions("SUCCEEDED").await > 1 {
        server.advance(61);
        tokio::task::yield_now().await;
    }

    let answer = tablet.post("/api/set_shop_state", &[("state", "paused"), ("reason", "Back at noon")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let guest = server.phone().await;
    let paused = guest.post("/api/start_order", &[("key", "k")]).await;
    assert_eq!((paused.status, paused.text().contains("Back at noon")), (409, true));
    let mut shop = guest.live(&["shop"]).await;
    tablet.post("/api/set_shop_state", &[("state", "open")]).await.ok();
    shop.shop(|shop| shop.state == domain::ShopState::Open).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_bar_refuses_an_order_without_an_execution_and_counts_it() {
    let server = TestServer::open_with(&["--metrics", "127.0.0.1:0"]).await;
    let config = [
        ("PK", AttributeValue::S("config".into())),
        ("storeOpen", AttributeValue::Bool(true)),
        ("maxOrdersInQueue", AttributeValue::N("1".into())),
    ];
    server.records().put_config(config.map(|(name, value)| (name.to_owned(), value)).into()).await;
    let server = server.reopen().await;
    let first = server.phone().await;
    let order = first.start("k").await;
    let mut live = first.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;

    let second = server.phone().await;
    let full = Outcome::Refused { reason: "full".to_owned() };
    for key in ["k", "again"] {
        let refused = second.start(key).await;
        let mut live = second.live(&[&format!("order/{refused}")]).await;
        live.order(&refused, |view| view.stage == Stage::Ended { outcome: full.clone() }).await;
    }
    let executions = async |status: &'static str| server.records().executions(status).await;
    assert_eq!((executions("RUNNING").await, executions("SUCCEEDED").await), (1, 0));

    first.command("cancel_order", &order).await.ok();
    live.order(&order, |view| view.stage == Stage::Ended { outcome: Outcome::CancelledByYou }).await;
    let third = server.phone().await;
    let order = third.start("k").await;
    third.live(&[&format!("order/{order}")]).await.order(&order, |view| view.choose_by.is_some()).await;
    let samples = parse(&server.metrics_client().get("/metrics").await.text());
    let total = |name: &str, label: &str| -> f64 {
        let of = |sample: &&Sample| {
            sample.name == name && (label.is_empty() || sample.labels.values().any(|is| is == label))
        };
        samples.iter().filter(of).map(|sample| sample.value).sum()
    };
    assert_eq!(total("doppio_orders_ended_total", "refused_full"), 2.0);
    assert_eq!(total("doppio_orders_ended_total", "cancelled"), 1.0);
    let under_way = total("doppio_orders", "");
    assert_eq!((total("doppio_orders_begun_total", ""), under_way), (4.0, 1.0));
    assert_eq!(total("doppio_orders_ended_total", "") + under_way, 4.0, "each order has ended or is under way");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raised_limit_applies_at_once() {
    let server = TestServer::open().await;
    let config = |most: &str| {
        let items = [
            ("PK", AttributeValue::S("config".into())),
            ("storeOpen", AttributeValue::Bool(true)),
            ("maxOrdersInQueue", AttributeValue::N(most.into())),
        ];
        items.map(|(name, value)| (name.to_owned(), value)).into()
    };
    server.records().put_config(config("1")).await;
    let server = server.reopen().await;
    for (key, raised) in [("first", false), ("second", true)] {
        if raised {
            // The server reads the settings only when the clock is advanced, so it has not seen this yet.
            server.records().put_config(config("2")).await;
        }
        let phone = server.phone().await;
        let order = phone.start(key).await;
        let mut live = phone.live(&[&format!("order/{order}")]).await;
        live.order(&order, |view| view.choose_by.is_some()).await;
    }
    server.running.shutdown().await;
}
