//! An order from the first tap to the hand-over, on phones, tablet and display.

use domain::view::{Column, Lane, Outcome, Stage};

use crate::kit::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_order_a_tablet_makes_and_the_display_calls() {
    let server = TestServer::open().await;
    let (one, two, tablet) = (server.phone().await, server.phone().await, server.tablet("Ana").await);
    let (mut queue, mut display) = (tablet.live(&["queue"]).await, server.phone().await.live(&["board", "shop"]).await);

    let (first, second) = (one.start("k").await, two.start("k").await);
    assert_ne!(first, second, "the same key on another phone is another order");
    let (mut first_live, mut second_live) =
        (one.live(&[&format!("order/{first}")]).await, two.live(&[&format!("order/{second}")]).await);
    let choosing = first_live.order(&first, |view| view.choose_by.is_some()).await;
    assert_eq!(choosing.choose_by.unwrap().0, crate::kit::START + 300_000);

    assert_eq!(one.submit(&first, "Flat White").await.status, 200);
    first_live.order(&first, |view| view.number.is_some()).await;
    assert_eq!(two.submit(&second, "Mocha").await.status, 200);
    let waiting = second_live.order(&second, |view| view.ahead == Some(1)).await;
    assert_eq!((waiting.number.unwrap().0, waiting.stage), (2, Stage::Waiting));

    let tickets = queue.queue(|tickets| tickets.len() == 2).await;
    let drinks: Vec<_> = tickets.iter().map(|ticket| ticket.drink.as_ref().unwrap().drink.as_str()).collect();
    assert_eq!(drinks, ["Flat White", "Mocha"]);
    display.shop(|shop| shop.in_queue == 2).await;

    assert_eq!(tablet.command("claim_order", &first).await.status, 200);
    first_live.order(&first, |view| view.stage == Stage::Making).await;
    assert_eq!(tablet.command("complete_order", &first).await.status, 200);
    queue.queue(|tickets| tickets.iter().any(|ticket| matches!(ticket.lane, Lane::Finishing { .. }))).await;
    display.board(|board| board.len() == 2 && board.iter().all(|entry| entry.column == Column::Preparing)).await;

    server.advance(4);
    display.board(|board| board[0].column == Column::Ready && board[1].column == Column::Preparing).await;
    first_live.order(&first, |view| view.stage == Stage::Ready).await;
    second_live.order(&second, |view| view.ahead == Some(0)).await;
    assert_eq!(one.command("collect_order", &first).await.status, 200);
    display.board(|board| board.len() == 1).await;
    first_live.order(&first, |view| view.stage == Stage::Ended { outcome: Outcome::Collected }).await;

    let records = server.records();
    assert_eq!(records.text(&first, "ORDERSTATE").await, "COLLECTED");
    assert_eq!(records.text(&second, "awaiting").await, "BARISTA");
    assert_eq!((records.executions("SUCCEEDED").await, records.executions("RUNNING").await), (1, 1));
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_browser_is_ever_sent_a_task_token() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let mut queue = tablet.live(&["queue", "board", "shop"]).await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    let first_token = server.records().text(&order, "TaskToken").await;
    phone.submit(&order, "Latte").await.ok();
    live.order(&order, |view| view.number.is_some()).await;
    let second_token = server.records().text(&order, "TaskToken").await;
    for path in ["/", &format!("/orders/{order}"), "/barista", "/display"] {
        phone.get(path).await;
        tablet.get(path).await;
    }
    for command in ["claim_order", "release_order", "complete_order", "undo_complete", "complete_order"] {
        tablet.command(command, &order).await.ok();
    }
    server.advance(4);
    live.order(&order, |view| view.stage == Stage::Ready).await;
    tablet.command("hand_over_order", &order).await.ok();
    queue.queue(<[_]>::is_empty).await;

    let mut tokens = server.records().tokens().await;
    tokens.sort();
    let mut expected = vec![first_token, second_token];
    expected.sort();
    assert_eq!(tokens, expected, "these are the tokens of the order");
    assert!(server.transcript.contains(&order), "the transcript is not empty");
    for token in &tokens {
        assert!(!server.transcript.contains(token));
        let fingerprint = domain::TaskToken::new(token.as_str()).fingerprint();
        assert!(!server.transcript.contains(&fingerprint), "its fingerprint is for the log only");
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_without_javascript_starts_and_submits_in_one_post_and_may_be_sent_twice() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let form = [("key", "k"), ("drink", "Cappuccino"), ("choice[Milk]", "Oat milk"), ("extras[0]", "Extra shot")];
    let (one, two) = tokio::join!(phone.post("/api/submit_order", &form), phone.post("/api/submit_order", &form));
    let (one, two) = (one.ok(), two.ok());
    assert_eq!(one["id"], two["id"]);
    assert_eq!(one["drink"]["modifiers"], serde_json::json!(["Regular", "Oat milk", "Extra shot"]));
    let id = one["id"].as_str().unwrap();
    phone.live(&[&format!("order/{id}")]).await.order(id, |view| view.number.is_some()).await;
    assert_eq!(server.records().executions("RUNNING").await, 1);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_started_by_an_outside_event_reaches_the_bar() {
    let server = TestServer::open().await;
    let tablet = server.tablet("Ana").await;
    let mut queue = tablet.live(&["queue"]).await;
    let records = server.records();
    let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
        .event_bus_name("Serverlesspresso")
        .source("awsserverlessda.serverlesspresso")
        .detail_type("Validator.NewOrder")
        .detail(r#"{"userId":"1","orderId":"2"}"#)
        .build();
    let put = records.events.put_events().entries(entry).send().await.unwrap();
    assert_eq!(put.failed_entry_count(), 0);
    // Another program waits for the token in the table, as the original Serverlesspresso does, and sends it.
    let mut token = String::new();
    while token.is_empty() {
        tokio::task::yield_now().await;
        let found = records.find("2").await;
        token = found.and_then(|item| item.get("TaskToken")?.as_s().ok().cloned()).unwrap_or_default();
    }
    records.workflows.send_task_success().task_token(token).output(r#"{"orderId":1}"#).send().await.unwrap();
    let tickets = queue.queue(|tickets| tickets.len() == 1).await;
    assert_eq!((tickets[0].number.unwrap().0, tickets[0].drink.as_ref()), (1, None));
    tablet.command("complete_order", "2").await.ok();
    server.advance(4);
    queue.queue(|tickets| tickets.iter().any(|ticket| matches!(ticket.lane, Lane::HandOver { .. }))).await;
    server.running.shutdown().await;
}
