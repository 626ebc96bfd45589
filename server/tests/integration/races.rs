//! Concurrent commands of two people, tabs or tablets have one effect, and the loser gets a refusal that says why.

use domain::view::{Lane, Stage};

use crate::kit::{Browser, Live, TestServer};

/// An order that waits for the bar.
async fn waiting(phone: &Browser, key: &str) -> (String, Live) {
    let order = phone.start(key).await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    phone.submit(&order, "Latte").await.ok();
    live.order(&order, |view| view.number.is_some()).await;
    (order, live)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_taps_on_the_first_drink_start_one_order() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let same = [("key", "k")];
    let (one, two) = tokio::join!(phone.post("/api/start_order", &same), phone.post("/api/start_order", &same));
    assert_eq!(one.ok()["id"], two.ok()["id"]);
    let other_tab = phone.post("/api/start_order", &[("key", "another")]).await.ok();
    assert_eq!(other_tab["id"], one.ok()["id"], "a phone that is choosing goes on with the order it has");
    assert_eq!(server.records().executions("RUNNING").await, 1);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_start_at_the_same_time_start_one_order() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let (one, two) =
        tokio::join!(phone.post("/api/start_order", &[("key", "a")]), phone.post("/api/start_order", &[("key", "b")]));
    assert_eq!(one.ok()["id"], two.ok()["id"]);
    assert_eq!(server.records().executions("RUNNING").await, 1);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_submit_never_finishes_the_order() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let (order, mut live) = waiting(&phone, "k").await;
    let token = server.records().text(&order, "TaskToken").await;
    assert_eq!(phone.submit(&order, "Latte").await.ok()["number"], 1, "the same choice again is no mistake");
    let other = phone.submit(&order, "Mocha").await;
    assert_eq!(other.status, 409);
    assert!(other.text().contains("alreadyPlaced"), "{}", other.text());
    let again = phone.post("/api/submit_order", &[("key", "k"), ("drink", "Latte")]).await.ok();
    assert_eq!(again["id"], order.as_str());
    assert_eq!(server.records().text(&order, "TaskToken").await, token, "the barista's token is not spent");
    assert_eq!(server.records().executions("RUNNING").await, 1);
    server.tablet("Ana").await.command("claim_order", &order).await.ok();
    live.order(&order, |view| view.stage == Stage::Making).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_concurrent_claims_one_wins() {
    let server = TestServer::open().await;
    let (ana, ben) = (server.tablet("Ana").await, server.tablet("Ben").await);
    let (order, _live) = waiting(&server.phone().await, "k").await;
    let (one, two) = tokio::join!(ana.command("claim_order", &order), ben.command("claim_order", &order));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text(), two.text());
    let (winner, loser) = if one.status == 200 { ("Ana", two) } else { ("Ben", one) };
    assert!(loser.text().contains(&format!("\"{winner}\"")), "the refusal names the barista: {}", loser.text());
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_concurrent_completions_complete_once() {
    let server = TestServer::open().await;
    let (tablet, phone) = (server.tablet("Ana").await, server.phone().await);
    let (order, mut live) = waiting(&phone, "k").await;
    let (one, two) = tokio::join!(tablet.command("complete_order", &order), tablet.command("complete_order", &order));
    assert_eq!((one.status, two.status), (200, 200));
    server.advance(4);
    live.order(&order, |view| view.stage == Stage::Ready).await;
    assert_eq!(tablet.command("complete_order", &order).await.status, 200);
    let (mine, bars) = tokio::join!(phone.command("collect_order", &order), tablet.command("hand_over_order", &order));
    assert_eq!((mine.status, bars.status), (200, 200));
    assert_eq!(server.records().executions("SUCCEEDED").await, 1);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_and_a_cancel_at_the_bar_have_one_winner() {
    let server = TestServer::open().await;
    let (tablet, phone) = (server.tablet("Ana").await, server.phone().await);
    let (order, mut live) = waiting(&phone, "k").await;
    let at_the_bar = [("order", order.as_str()), ("reason", "The milk is gone")];
    let (mine, bars) =
        tokio::join!(phone.command("cancel_order", &order), tablet.post("/api/cancel_at_bar", &at_the_bar));
    let mut statuses = [mine.status, bars.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", mine.text(), bars.text());
    let loser = if mine.status == 409 { mine } else { bars };
    assert!(loser.text().contains("alreadyEnded"), "{}", loser.text());
    live.order(&order, |view| matches!(view.stage, Stage::Ended { .. })).await;
    assert_eq!(server.records().text(&order, "ORDERSTATE").await, "CANCELLED");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_and_a_cancel_at_the_same_time_have_one_winner() {
    let server = TestServer::open().await;
    let (tablet, phone) = (server.tablet("Ana").await, server.phone().await);
    let (order, mut live) = waiting(&phone, "k").await;
    let cancel = [("order", order.as_str()), ("reason", "The milk is gone")];
    let (complete, cancel) =
        tokio::join!(tablet.command("complete_order", &order), tablet.post("/api/cancel_at_bar", &cancel));
    // A finished drink can be cancelled as long as it can be undone.
    server.advance(4);
    live.order(&order, |view| matches!(view.stage, Stage::Ready | Stage::Ended { .. })).await;
    let ended = server.records().text(&order, "ORDERSTATE").await;
    match (complete.status, cancel.status) {
        (200 | 409, 200) => assert_eq!(ended, "CANCELLED"),
        (200, 409) => assert_eq!(ended, "COMPLETED"),
        other => panic!("{other:?} {} {}", complete.text(), cancel.text()),
    }
    assert_eq!(server.records().executions("RUNNING").await, 0, "the workflow has one end");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_after_the_time_out_is_refused_with_it() {
    let server = TestServer::open().await;
    let (tablet, phone) = (server.tablet("Ana").await, server.phone().await);
    let (order, _live) = waiting(&phone, "k").await;
    // The clock is advanced, and the command is sent at once. Exactly one of the two ends the step.
    server.advance(900);
    let answer = tablet.post("/api/cancel_at_bar", &[("order", &order), ("reason", "Closing")]).await;
    let ended = server.records().text(&order, "ORDERSTATE").await;
    match answer.status {
        200 => assert_eq!(ended, "CANCELLED"),
        409 => {
            assert!(answer.text().contains("timedOut"), "{}", answer.text());
            assert_eq!(ended, "TIMED_OUT");
        }
        other => panic!("{other} {}", answer.text()),
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn completing_can_be_undone_for_four_seconds() {
    let server = TestServer::open().await;
    let tablet = server.tablet("Ana").await;
    let mut queue = tablet.live(&["queue"]).await;
    let (order, mut live) = waiting(&server.phone().await, "k").await;
    tablet.command("complete_order", &order).await.ok();
    server.advance(3);
    tablet.command("undo_complete", &order).await.ok();
    queue.queue(|tickets| tickets.iter().any(|ticket| matches!(ticket.lane, Lane::Making { .. }))).await;
    server.advance(60);
    assert_eq!(server.records().executions("RUNNING").await, 1, "no token was sent");
    tablet.command("complete_order", &order).await.ok();
    server.advance(4);
    live.order(&order, |view| view.stage == Stage::Ready).await;
    let late = tablet.command("undo_complete", &order).await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("nothingToUndo"), "{}", late.text());
    server.running.shutdown().await;
}
