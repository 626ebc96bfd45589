//! What guests are shown and offered: more time to choose, the estimated wait, and the usual drink.

use domain::{
    estimate::WaitRange,
    order::{CHOOSE_MILLIS, Party},
    view::{Outcome, Stage},
};

use crate::kit::{Browser, TestServer};

/// Orders a latte and has it made in the given time.
async fn make(server: &TestServer, tablet: &Browser, seconds: u64) {
    let phone = server.phone().await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    phone.submit(&order, "Latte").await.ok();
    live.order(&order, |view| view.number.is_some()).await;
    tablet.command("claim_order", &order).await.ok();
    server.advance(seconds);
    tablet.command("complete_order", &order).await.ok();
    server.advance(4);
    live.order(&order, |view| view.stage == Stage::Ready).await;
    phone.command("collect_order", &order).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workflow_extends_the_time_to_choose_only_while_it_waits() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    let first = live.order(&order, |view| view.choose_by.is_some()).await.choose_by.unwrap();
    for _ in 0..10 {
        server.advance(280);
        phone.command("extend_order", &order).await.ok();
        // A second tap right after the first.
        phone.command("extend_order", &order).await.ok();
    }
    let until = live.order(&order, |view| view.choose_by.unwrap().millis_since(first) == 2_800_000).await;
    assert!(until.extendable);
    server.advance(299);
    assert_eq!(server.records().executions("RUNNING").await, 1, "the workflow waits as long as the phone shows");
    server.advance(1);
    live.order(&order, |view| view.stage == Stage::Ended { outcome: Outcome::TimedOut { who: Party::Customer } }).await;
    let late = phone.command("extend_order", &order).await;
    assert_eq!((late.status, late.text().contains("timedOut")), (409, true), "{}", late.text());
    let stranger = server.phone().await.command("extend_order", &order).await;
    assert_eq!(stranger.status, 404);
    server.running.shutdown().await;
}

#[test]
fn the_workflow_waits_as_long_as_the_page_shows() {
    let definition: serde_json::Value =
        serde_json::from_str(include_str!("../../../workflow/order_processor.asl.json")).unwrap();
    let heartbeat = &definition["States"]["Emit - Workflow Started TT"]["HeartbeatSeconds"];
    assert_eq!(heartbeat.as_i64().unwrap() * 1_000, CHOOSE_MILLIS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_is_estimated_from_past_drinks_and_updated_with_every_event() {
    let server = TestServer::open().await;
    let tablet = server.tablet("Ana").await;
    let ada = server.phone().await;
    let mut shop = ada.live(&["shop"]).await;
    make(&server, &tablet, 180).await;
    make(&server, &tablet, 180).await;
    assert_eq!(shop.shop(|shop| shop.in_queue == 0).await.wait, None, "two drinks are not enough for an estimate");
    make(&server, &tablet, 240).await;
    shop.shop(|shop| shop.wait == Some(WaitRange { from: 3, to: 4 })).await;

    let order = async |phone: &Browser| {
        let id = phone.start("queue").await;
        let mut live = phone.live(&[&format!("order/{id}")]).await;
        phone.submit(&id, "Latte").await.ok();
        live.order(&id, |view| view.ahead.is_some()).await;
        (id, live)
    };
    let (first, mut first_live) = order(&ada).await;
    first_live.order(&first, |view| view.wait == Some(WaitRange { from: 3, to: 4 })).await;
    let ben = server.phone().await;
    let (second, mut second_live) = order(&ben).await;
    second_live.order(&second, |view| view.ahead == Some(1) && view.wait == Some(WaitRange { from: 6, to: 7 })).await;
    tablet.command("claim_order", &first).await.ok();
    first_live.order(&first, |view| view.wait.is_none()).await;
    server.advance(120);
    second_live.order(&second, |view| view.wait == Some(WaitRange { from: 4, to: 5 })).await;
    // A second barista halves the wait.
    let (third, _live) = order(&server.phone().await).await;
    server.tablet("Ben").await.command("claim_order", &third).await.ok();
    second_live.order(&second, |view| view.wait == Some(WaitRange { from: 3, to: 4 })).await;

    let server = server.reopen().await;
    let (fourth, mut live) = order(&server.phone().await).await;
    live.order(&fourth, |view| view.wait.is_some()).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_offered_what_it_has_ordered_before_and_no_other_phone_is() {
    let server = TestServer::open().await;
    let (phone, other, tablet) = (server.phone().await, server.phone().await, server.tablet("Ana").await);
    let past = async |phone: &Browser| phone.post("/api/read_menu", &[]).await.ok()["past"].clone();
    for (key, drink, milk) in [("a", "Latte", "Oat milk"), ("b", "Mocha", "Whole milk"), ("c", "Latte", "Oat milk")] {
        let form = [("key", key), ("drink", drink), ("choice[Milk]", milk)];
        let order = phone.post("/api/submit_order", &form).await.ok()["id"].as_str().unwrap().to_owned();
        let mut live = phone.live(&[&format!("order/{order}")]).await;
        live.order(&order, |view| view.number.is_some()).await;
        tablet.command("complete_order", &order).await.ok();
        server.advance(4);
        live.order(&order, |view| view.stage == Stage::Ready).await;
        phone.command("collect_order", &order).await.ok();
    }
    let offered = past(&phone).await;
    assert_eq!(offered.as_array().unwrap().len(), 2, "{offered}");
    assert_eq!((&offered[0]["drink"]["drink"], &offered[0]["available"]), (&"Latte".into(), &true.into()), "{offered}");
    assert_eq!(offered[0]["drink"]["special"], serde_json::json!(["Oat milk"]), "{offered}");
    assert_eq!(past(&other).await, serde_json::json!([]));
    server.running.shutdown().await;
}
